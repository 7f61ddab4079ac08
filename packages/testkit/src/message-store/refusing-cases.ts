import assert from "node:assert/strict";
import { DeliveryState } from "@mosaic/wire";
import { eventually } from "../eventually.ts";
import { aMessage, asSent, at, DAY_MS, idsIn, type MessageStoreCase, refused } from "./store-case.ts";

/** What a message store promises of what it refuses, counts and forgets. */
export const refusingCases: readonly MessageStoreCase[] = [
  {
    name: "while nothing can be written nothing changes, reading goes on, and it works again by itself",
    async run(subject) {
      await using store = await subject.open({ maxPendingPerAgent: 3 });
      const { message } = await store.add(aMessage());
      subject.setWritable(false);
      const heard: string[] = [];
      using _listening = store.onChange(({ messageId }) => heard.push(messageId));
      for (const messageId of ["m-2", "m-3", "m-4"])
        await assert.rejects(store.add(aMessage({ messageId })), refused("STORE_UNAVAILABLE"));
      await assert.rejects(store.update("m-1", at(message, DeliveryState.TYPED)), refused("STORE_UNAVAILABLE"));
      assert.match(store.health().refusal ?? "", /./);
      assert.deepEqual([...store.all()], [message]);
      assert.deepEqual(asSent((await store.add(aMessage())).message), asSent(message));
      assert.deepEqual(heard, []);
      subject.setWritable(true);
      await eventually("the store is well again", () => store.health().refusal === undefined);
      assert.equal((await store.add(aMessage({ messageId: "m-2" }))).isNew, true);
      await store.update("m-1", at(message, DeliveryState.TYPED));
      assert.deepEqual([idsIn(store), store.get("m-1")?.receipt.state], [["m-1", "m-2"], DeliveryState.TYPED]);
    },
  },
  {
    name: "what was refused is not there later",
    async run(subject) {
      {
        await using store = await subject.open();
        subject.setWritable(false);
        await assert.rejects(store.add(aMessage()), refused("STORE_UNAVAILABLE"));
        subject.setWritable(true);
      }
      await using store = await subject.open();
      assert.deepEqual(idsIn(store), []);
    },
  },
  {
    name: "a finished message is forgotten when its expiry lies more than 24 h back, and its id may come again",
    async run(subject) {
      const now = 10 * DAY_MS;
      const all: [id: string, state: DeliveryState, expiredForMs: number][] = [
        ["failed", DeliveryState.FAILED, DAY_MS + 1],
        ["answered", DeliveryState.ANSWERED, 2 * DAY_MS],
        ["expired", DeliveryState.EXPIRED, 2 * DAY_MS],
        ["recent", DeliveryState.FAILED, DAY_MS],
        ["queued", DeliveryState.QUEUED, 9 * DAY_MS],
        ["unconfirmed", DeliveryState.UNCONFIRMED, 8 * DAY_MS],
        ["unheard of", DeliveryState.ACCEPTED, 8 * DAY_MS + 1],
      ];
      {
        await using store = await subject.open();
        for (const [messageId, state, expiredForMs] of all) {
          const { message } = await store.add(aMessage({ messageId, expiresAtUnixMs: now - expiredForMs }));
          await store.update(messageId, at(message, state));
        }
        assert.equal(await store.forget(now), 4);
        assert.equal(await store.forget(now), 0);
        assert.equal((await store.add(aMessage({ messageId: "failed", text: "again" }))).isNew, true);
      }
      await using store = await subject.open();
      assert.deepEqual(idsIn(store), ["recent", "queued", "unconfirmed", "failed"]);
      assert.equal(store.get("failed")?.text, "again");
    },
  },
  {
    name: "too many messages that wait for one agent are BUSY, until one is submitted; other agents have their own",
    async run(subject) {
      await using store = await subject.open({ maxPendingPerAgent: 2 });
      const outcomes = await Promise.allSettled(["a", "b", "c"].map((messageId) => store.add(aMessage({ messageId }))));
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ["fulfilled", "fulfilled", "rejected"],
      );
      await assert.rejects(store.add(aMessage({ messageId: "c" })), refused("BUSY"));
      assert.equal((await store.add(aMessage({ messageId: "a" }))).isNew, false);
      assert.equal((await store.add(aMessage({ messageId: "d", to: "other" }))).isNew, true);
      await store.update("a", at(aMessage({ messageId: "a" }), DeliveryState.ENTERED));
      assert.equal((await store.add(aMessage({ messageId: "c" }))).isNew, true);
      await assert.rejects(store.add(aMessage({ messageId: "e" })), refused("BUSY"));
    },
  },
  {
    name: "too much text that waits for one agent is BUSY, counted in bytes, also after an opening",
    async run(subject) {
      const limits = { maxPendingBytesPerAgent: 10 };
      {
        await using store = await subject.open(limits);
        await store.add(aMessage({ text: "äöü" }));
        await assert.rejects(store.add(aMessage({ messageId: "m-2", text: "12345" })), refused("BUSY"));
      }
      await using store = await subject.open(limits);
      await assert.rejects(store.add(aMessage({ messageId: "m-2", text: "12345" })), refused("BUSY"));
      assert.equal((await store.add(aMessage({ messageId: "m-2", text: "1234" }))).isNew, true);
    },
  },
  {
    name: "no more than so many messages are held",
    async run(subject) {
      await using store = await subject.open({ maxMessages: 2 });
      await store.add(aMessage({ messageId: "a", to: "one" }));
      await store.add(aMessage({ messageId: "b", to: "two" }));
      await assert.rejects(store.add(aMessage({ messageId: "c", to: "three" })), refused("BUSY"));
    },
  },
  {
    name: "messages that are not at their end are counted",
    async run(subject) {
      {
        await using store = await subject.open();
        for (const messageId of ["a", "b", "c"]) await store.add(aMessage({ messageId }));
        await store.update("a", at(aMessage({ messageId: "a" }), DeliveryState.UNCONFIRMED));
        await store.update("b", at(aMessage({ messageId: "b" }), DeliveryState.FAILED));
        assert.deepEqual(store.health(), { refusal: undefined, unfinished: 2 });
      }
      await using store = await subject.open();
      assert.deepEqual(store.health(), { refusal: undefined, unfinished: 2 });
    },
  },
  {
    name: "a store that is closed takes nothing",
    async run(subject) {
      const store = await subject.open();
      const adding = store.add(aMessage());
      await store[Symbol.asyncDispose]();
      await adding;
      await assert.rejects(store.add(aMessage({ messageId: "m-2" })), refused("STORE_UNAVAILABLE", /closed/));
      await assert.rejects(store.update("m-1", at(aMessage(), DeliveryState.TYPED)), refused("STORE_UNAVAILABLE", /closed/));
      await using later = await subject.open();
      assert.deepEqual(idsIn(later), ["m-1"]);
    },
  },
];
