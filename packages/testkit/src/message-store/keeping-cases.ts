import assert from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import { newReceipt, withStep } from "@mosaic/core";
import { DeliveryState, FailureReason, ReceiptSchema } from "@mosaic/wire";
import { anAgent } from "../builders.ts";
import { enumName } from "../contract/case-tools.ts";
import { aMessage, asSent, at, DAY_MS, idsIn, type MessageStoreCase } from "./store-case.ts";

/** What a message store promises of what it keeps. */
export const keepingCases: readonly MessageStoreCase[] = [
  {
    name: "a message that was taken is there as it was sent, also in a store that is opened later",
    async run(subject) {
      const injecting = { attempt: 2, paneId: "%7", panePid: 99, startedAtUnixMs: 1_767_225_600_123, isSubmitted: true };
      const messages = [
        aMessage({ text: "two lines\nä 日本 👍 \u0000 \ufeff", traceparent: "00-1-2-01", policy: "at-least-once" }),
        aMessage({ messageId: "m-2", text: "", command: "/clear", injecting, expiresAtUnixMs: 1_767_225_600_456 }),
        aMessage({ messageId: "m-3", text: "\ufeffx".repeat(100_000), receipt: fullReceipt("m-3") }),
      ];
      {
        await using store = await subject.open();
        for (const message of messages) {
          const added = await store.add(message);
          assert.deepEqual([asSent(added.message), added.isNew], [message, true]);
          assert.deepEqual(asSent(store.get(message.messageId)), message);
        }
      }
      await using store = await subject.open();
      assert.deepEqual([...store.all()].map(asSent), messages);
      assert.equal(store.get("m-9"), undefined);
    },
  },
  {
    name: "an id that is known changes nothing, and is answered as it is",
    async run(subject) {
      await using store = await subject.open();
      const first = await store.add(aMessage());
      await store.update("m-1", at(first.message, DeliveryState.TYPED));
      const again = await store.add(aMessage({ text: "something else" }));
      assert.deepEqual([again.isNew, again.message.text, again.message.receipt.state], [false, "go", DeliveryState.TYPED]);
      assert.deepEqual(idsIn(store), ["m-1"]);
    },
  },
  {
    name: "of twins at the same time one is new",
    async run(subject) {
      await using store = await subject.open();
      const added = await Promise.all(["one", "two", "three"].map((text) => store.add(aMessage({ text }))));
      assert.deepEqual(added.map(({ isNew }) => isNew).sort(), [false, false, true]);
      assert.deepEqual(new Set(added.map(({ message }) => message.text)).size, 1);
    },
  },
  {
    name: "sequences rise, over openings too, and after the last message was forgotten",
    async run(subject) {
      const sequences: number[] = [];
      for (const messageId of ["a", "b", "c"]) {
        await using store = await subject.open();
        const { message } = await store.add(aMessage({ messageId }));
        sequences.push(message.sequence);
        await store.update(messageId, at(message, DeliveryState.FAILED));
        if (messageId === "b") assert.equal(await store.forget(3 * DAY_MS), 2);
      }
      assert.deepEqual(
        sequences,
        [...new Set(sequences)].sort((a, b) => a - b),
      );
    },
  },
  {
    name: "messages are listed in the order in which they were taken, whatever became of them",
    async run(subject) {
      const wanted = Array.from({ length: 40 }, (_, index) => `m-${(index * 7) % 40}`);
      {
        await using store = await subject.open();
        const added = await Promise.all(wanted.map((messageId) => store.add(aMessage({ messageId }))));
        for (const { message } of added.toReversed()) await store.update(message.messageId, at(message, DeliveryState.TYPED));
        assert.deepEqual(idsIn(store), wanted);
      }
      await using store = await subject.open();
      assert.deepEqual(idsIn(store), wanted);
    },
  },
  {
    name: "an update replaces the receipt and the injection, for good",
    async run(subject) {
      const injecting = { attempt: 1, paneId: "%1", panePid: 7, startedAtUnixMs: 5, isSubmitted: false };
      {
        await using store = await subject.open();
        for (const messageId of ["m-1", "m-2"]) {
          const { message } = await store.add(aMessage({ messageId }));
          await store.update(messageId, { ...at(message, DeliveryState.TYPED), injecting });
          assert.deepEqual(store.get(messageId)?.injecting, injecting);
        }
        await store.update("m-2", at(aMessage({ messageId: "m-2" }), DeliveryState.FAILED));
        await store.update("m-9", at(aMessage(), DeliveryState.FAILED));
      }
      await using store = await subject.open();
      const seen = [...store.all()].map(({ receipt, injecting: found, text }) => [receipt.state, found, text]);
      assert.deepEqual(seen, [
        [DeliveryState.TYPED, injecting, "go"],
        [DeliveryState.FAILED, undefined, "go"],
      ]);
    },
  },
  {
    name: "of updates at the same time the last one counts, and one of a message that is just being added is not lost",
    async run(subject) {
      const attempts = Array.from({ length: 50 }, (_, index) => index + 1);
      {
        await using store = await subject.open();
        const adding = store.add(aMessage());
        const { receipt } = aMessage();
        await Promise.all(
          attempts.map((attempt) => store.update("m-1", { receipt: create(ReceiptSchema, { ...receipt, attempt }) })),
        );
        await adding;
        assert.equal(store.get("m-1")?.receipt.attempt, 50);
      }
      await using store = await subject.open();
      assert.equal(store.get("m-1")?.receipt.attempt, 50);
    },
  },
  {
    name: "listeners hear each change, in order, until they are disposed of, whatever another one does",
    async run(subject) {
      await using store = await subject.open();
      const heard: string[] = [];
      using _broken = store.onChange(() => {
        throw new Error("a listener that fails");
      });
      const listening = store.onChange(({ messageId, receipt }) =>
        heard.push(`${messageId} ${enumName(DeliveryState, receipt.state)}`),
      );
      const { message } = await store.add(aMessage());
      await store.add(aMessage());
      await store.update("m-1", at(message, DeliveryState.TYPED));
      await store.update("m-9", at(message, DeliveryState.TYPED));
      listening[Symbol.dispose]();
      await store.update("m-1", at(message, DeliveryState.FAILED));
      assert.deepEqual(heard, ["m-1 QUEUED", "m-1 TYPED"]);
    },
  },
  {
    name: "a message may come back from its end, to be tried again with its text",
    async run(subject) {
      const text = "once more ".repeat(1000);
      {
        await using store = await subject.open();
        const { message } = await store.add(aMessage({ text }));
        await store.update("m-1", at(message, DeliveryState.FAILED));
      }
      await using store = await subject.open();
      await store.update("m-1", { receipt: aMessage().receipt });
      assert.deepEqual([store.get("m-1")?.text, store.health().unfinished], [text, 1]);
    },
  },
];

/** A receipt in which every field says something. */
function fullReceipt(messageId: string) {
  const base = withStep(newReceipt(messageId, anAgent(), "ef".repeat(32)), DeliveryState.ENTERED, {
    atUnixMs: 3,
    detail: "typed",
  });
  const failed = withStep(base, DeliveryState.FAILED, { atUnixMs: 4, reason: FailureReason.INDETERMINATE, turnId: "t-1" });
  const more = {
    attempt: 3,
    held: "a draft",
    sourceLabel: "desk:operator",
    textBytes: 5,
    createdAtUnixMs: 6n,
    expiresAtUnixMs: 7n,
  };
  return create(ReceiptSchema, { ...failed, ...more, duplicate: true });
}
