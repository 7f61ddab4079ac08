import assert from "node:assert/strict";
import { test } from "node:test";
import type { MappedMessages } from "../map-messages.ts";
import { LiveStreams } from "./live-streams.ts";

async function* endless() {
  for (let count = 0; ; count += 1) yield count;
}

test("a stream counts from its first read to its end, however it ends", async () => {
  const streams = new LiveStreams();
  const ends = [
    (stream: MappedMessages<number>) => stream.return(),
    (stream: MappedMessages<number>) => stream.throw(new Error("x")).catch(() => {}),
  ];
  for (const end of ends) {
    const stream = streams.count("Watch", endless());
    assert.deepEqual(streams.counts(), {}, "not before it is read");
    await stream.next();
    assert.deepEqual(streams.counts(), { Watch: 1 });
    await end(stream);
    assert.deepEqual(streams.counts(), {});
  }
});

test("rpcs are counted apart", async () => {
  const streams = new LiveStreams();
  const open = [streams.count("Watch", endless()), streams.count("Watch", endless()), streams.count("Tail", endless())];
  await Promise.all(open.map((stream) => stream.next()));
  assert.deepEqual(streams.counts(), { Watch: 2, Tail: 1 });
});

test("a handler that fails is no longer counted", async () => {
  const streams = new LiveStreams();
  async function* failing(): AsyncGenerator<number> {
    yield 1;
    throw new Error("x");
  }
  const stream = streams.count("Watch", failing());
  await stream.next();
  await assert.rejects(stream.next());
  assert.deepEqual(streams.counts(), {});
});

test("handlers are compared with their calls: one that runs for 10 s after its call was over is leaked", async () => {
  let nowMs = 0;
  const streams = new LiveStreams(() => nowMs);
  const [call, other] = [new AbortController(), new AbortController()];
  const stuck = streams.count("Watch", endless(), call.signal);
  const fine = streams.count("Watch", endless(), other.signal);
  await Promise.all([stuck.next(), fine.next()]);
  nowMs = 1_000_000;
  assert.equal(streams.leaked, 0, "however long a call lasts");
  call.abort();
  other.abort();
  await fine.return();
  nowMs += 10_000;
  assert.equal(streams.leaked, 0);
  nowMs += 1;
  assert.deepEqual([streams.leaked, streams.counts()], [1, { Watch: 1 }]);
  await stuck.return();
  assert.equal(streams.leaked, 0);
});
