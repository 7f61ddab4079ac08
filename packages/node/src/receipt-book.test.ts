import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { MosaicError } from "@mosaic/core";
import { settle } from "@mosaic/testkit";
import { DeliveryState, ReceiptSchema } from "@mosaic/wire";
import { ReceiptBook } from "./receipt-book.ts";

const { ENTERED, ACCEPTED, ANSWERED, FAILED } = DeliveryState;
const receiptOf = (messageId: string) => create(ReceiptSchema, { messageId, agent: { name: "lead" }, textSha256: "hash" });
const { signal } = new AbortController();

test("an id is known with its text and agent, and refused with another", () => {
  const book = new ReceiptBook();
  book.open(receiptOf("m-1"));
  assert.equal(book.earlier("m-2", "lead", "hash"), undefined);
  assert.equal(book.earlier("m-1", "lead", "hash")?.messageId, "m-1");
  for (const [agent, hash] of [
    ["coder0", "hash"],
    ["lead", "other"],
  ] as const) {
    assert.throws(
      () => book.earlier("m-1", agent, hash),
      (thrown) => thrown instanceof MosaicError && thrown.code === "MESSAGE_ID_REUSED",
    );
  }
});

test("waiting ends with the wanted state, a further one, an end, or the signal, and leaves nothing behind", async () => {
  for (const state of [ACCEPTED, ANSWERED, FAILED]) {
    const book = new ReceiptBook();
    book.open(receiptOf("m-1"));
    let isThere = false;
    const waiting = book.reached("m-1", ACCEPTED, signal).then(() => {
      isThere = true;
    });
    book.step("m-1", ENTERED, { atUnixMs: 0 });
    await settle();
    assert.equal(isThere, false);
    book.step("m-1", state, { atUnixMs: 1 });
    await waiting;
    await book.reached("m-1", ACCEPTED, signal);
  }
  const book = new ReceiptBook();
  book.open(receiptOf("m-1"));
  const call = new AbortController();
  const waiting = book.reached("m-1", ACCEPTED, call.signal);
  call.abort();
  await waiting;
});

test("ten thousand receipts are kept; the oldest is forgotten first, and whoever waits for it is let go", async () => {
  const book = new ReceiptBook();
  for (let index = 0; index <= 10_000; index += 1) book.open(receiptOf(`m-${index}`));
  assert.equal(book.get("m-0"), undefined);
  assert.equal(book.get("m-1")?.messageId, "m-1");
  book.step("m-0", ENTERED, { atUnixMs: 0 });
  await book.reached("m-0", ANSWERED, signal);
});
