import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { settle, stubHandlers } from "@mosaic/testkit";
import { WatchResponseSchema } from "@mosaic/wire";
import { LiveStreams } from "../server/live-streams.ts";
import { connectInMemory } from "./connect-fleet.ts";

const counting = stubHandlers({
  async *watch() {
    for (let rev = 1n; ; rev += 1n) yield create(WatchResponseSchema, { rev });
  },
});

test("in memory, a stream ends with its signal also while nobody reads it", async () => {
  const streams = new LiveStreams();
  await using connection = connectInMemory(counting, {}, { streams });
  const call = new AbortController();
  const frames = connection.client.watch({}, { signal: call.signal })[Symbol.asyncIterator]();
  await frames.next();
  assert.deepEqual(streams.counts(), { Watch: 1 });
  call.abort();
  await settle();
  assert.deepEqual(streams.counts(), {});
});

test("disposing a connection in memory ends every stream on it", async () => {
  const streams = new LiveStreams();
  const connection = connectInMemory(counting, {}, { streams });
  const open = [connection.client.watch({}), connection.client.watch({})].map((stream) => stream[Symbol.asyncIterator]());
  await Promise.all(open.map((frames) => frames.next()));
  assert.deepEqual(streams.counts(), { Watch: 2 });
  await connection[Symbol.asyncDispose]();
  await settle();
  assert.deepEqual(streams.counts(), {});
});

test("in memory, messages are copies: what a caller does to them reaches nobody else", async () => {
  const row = { tenantId: "team-a", host: "alpha", hostId: "h", name: "lead" };
  const frame = create(WatchResponseSchema, { frame: { case: "upsert", value: row }, rev: 1n });
  const handlers = stubHandlers({
    async *watch() {
      yield frame;
    },
  });
  await using connection = connectInMemory(handlers);
  for await (const { frame: received } of connection.client.watch({}))
    if (received.case === "upsert") received.value.name = "changed";
  assert.equal(frame.frame.case === "upsert" && frame.frame.value.name, "lead");
});
