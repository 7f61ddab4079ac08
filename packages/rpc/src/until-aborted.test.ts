import assert from "node:assert/strict";
import { test } from "node:test";
import { untilAborted } from "./until-aborted.ts";

async function collect<T>(messages: AsyncIterable<T>): Promise<T[]> {
  const seen: T[] = [];
  for await (const message of messages) seen.push(message);
  return seen;
}

test("a stream passes through as it is, with its error", async () => {
  async function* failing() {
    yield 1;
    yield 2;
    throw new Error("enough");
  }
  async function* three() {
    yield* [1, 2, 3];
  }
  const { signal } = new AbortController();
  assert.deepEqual(await collect(untilAborted(three(), signal)), [1, 2, 3]);
  await assert.rejects(collect(untilAborted(failing(), signal)), /enough/);
});

test("an abort ends it while it waits for what never comes, and lets the source go", async () => {
  let isLetGo = false;
  let count = 0;
  const source: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: async () => (count++ < 2 ? { done: false, value: count } : await new Promise(() => {})),
      async return() {
        isLetGo = true;
        return { done: true, value: undefined };
      },
    }),
  };
  const stop = new AbortController();
  const seen = collect(untilAborted(source, stop.signal));
  setImmediate(() => stop.abort());
  assert.deepEqual([await seen, isLetGo], [[1, 2], true]);
});

test("a stream that was aborted before is not read at all", async () => {
  let isRead = false;
  async function* one() {
    isRead = true;
    yield 1;
  }
  assert.deepEqual([await collect(untilAborted(one(), AbortSignal.abort())), isRead], [[], false]);
});

test("leaving it lets the source go", async () => {
  let isLetGo = false;
  async function* endless() {
    try {
      for (;;) yield 1;
    } finally {
      isLetGo = true;
    }
  }
  for await (const _ of untilAborted(endless(), new AbortController().signal)) break;
  assert.equal(isLetGo, true);
});
