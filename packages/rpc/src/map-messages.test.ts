import assert from "node:assert/strict";
import { test } from "node:test";
import { mapMessages } from "./map-messages.ts";

async function* three(ended: { count: number }) {
  try {
    yield 1;
    yield 2;
    yield 3;
  } finally {
    ended.count += 1;
  }
}

test("messages pass in order, and the end is told once", async () => {
  const source = { count: 0 };
  const seen: number[] = [];
  const ends: unknown[] = [];
  const out: number[] = [];
  for await (const message of mapMessages(three(source), {
    onMessage: (one) => seen.push(one),
    onEnd: (thrown) => ends.push(thrown),
  }))
    out.push(message);
  assert.deepEqual([out, seen, ends, source.count], [[1, 2, 3], [1, 2, 3], [undefined], 1]);
});

test("leaving early ends the source and tells the end", async () => {
  const source = { count: 0 };
  const ends: unknown[] = [];
  for await (const _ of mapMessages(three(source), { onEnd: (thrown) => ends.push(thrown) })) break;
  assert.deepEqual([ends, source.count], [[undefined], 1]);
});

test("a failure is turned, thrown on and told", async () => {
  async function* failing() {
    yield 1;
    throw new Error("inner");
  }
  const ends: unknown[] = [];
  const turned = new Error("outer");
  const stream = mapMessages(failing(), { onError: () => turned, onEnd: (thrown) => ends.push(thrown) });
  await stream.next();
  await assert.rejects(stream.next(), turned);
  assert.deepEqual(ends, [turned]);
});

test("a step that refuses a message ends the source", async () => {
  const source = { count: 0 };
  const refuse = () => {
    throw new Error("refused");
  };
  await assert.rejects(mapMessages(three(source), { onMessage: refuse }).next(), /refused/);
  assert.equal(source.count, 1);
});

test("an error thrown into it, as by a carrier that can't write, ends the source", async () => {
  const source = { count: 0 };
  const stream = mapMessages(three(source), {});
  await stream.next();
  await assert.rejects(stream.throw(new Error("can't write")), /can't write/);
  assert.equal(source.count, 1);
});
