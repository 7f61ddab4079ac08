import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { aMessage } from "@mosaic/testkit";
import { type Added, Additions } from "./additions.ts";

/** Additions to a store that writes when the test says so. */
function slowStore() {
  const [held, taken] = [new Map<string, Added["message"]>(), [] as PromiseWithResolvers<Added>[]];
  const additions = new Additions({
    known: (messageId) => held.get(messageId),
    take: async () => {
      const writing = Promise.withResolvers<Added>();
      taken.push(writing);
      return await writing.promise;
    },
  });
  return { additions, held, taken };
}

test("an id that comes again before the first is on disk is taken once, and both are answered with it", async () => {
  const { additions, taken } = slowStore();
  const message = aMessage();
  const both = [additions.add(message), additions.add({ ...message, text: "another" })];
  assert.deepEqual([taken.length, additions.size], [1, 1]);
  const stored = { ...message, sequence: 1 };
  taken[0]?.resolve({ message: stored, isNew: true });
  assert.deepEqual(await Promise.all(both), [
    { message: stored, isNew: true },
    { message: stored, isNew: false },
  ]);
  assert.equal(additions.size, 0);
});

test("what is held is answered with, and nothing is taken", async () => {
  const { additions, held, taken } = slowStore();
  const stored = { ...aMessage(), sequence: 1 };
  held.set(stored.messageId, stored);
  assert.deepEqual(await additions.add(stored), { message: stored, isNew: false });
  assert.equal(taken.length, 0);
});

test("everybody who added what could not be taken hears why, and it can be added again", async () => {
  const { additions, taken } = slowStore();
  const message = aMessage();
  const both = [additions.add(message), additions.add(message)].map((adding) => assert.rejects(adding, /disk is full/));
  const settled = additions.settled(message.messageId);
  taken[0]?.reject(new MosaicError("STORE_UNAVAILABLE", "the disk is full"));
  await Promise.all([...both, settled]);
  void additions.add(message);
  assert.equal(taken.length, 2);
});
