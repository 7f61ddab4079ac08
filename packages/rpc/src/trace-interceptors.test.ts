import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { aborted, MosaicError } from "@mosaic/core";
import { RecordingTracer, settle, stubHandlers } from "@mosaic/testkit";
import { FleetService, WatchResponseSchema } from "@mosaic/wire";
import { connectInMemory } from "./client/connect-fleet.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;

function connected(handlers = stubHandlers(), options: { traceparent?: string } = {}) {
  const near = new RecordingTracer();
  const far = new RecordingTracer();
  return { near, far, ...connectInMemory(handlers, { tracer: near, ...options }, { tracer: far }) };
}

test("a call is one span at each end, the server's under the client's, under the caller's", async () => {
  const { client, near, far } = connected(stubHandlers(), { traceparent });
  await client.info({});
  const [sent] = near.spans;
  const [served] = far.spans;
  assert.deepEqual([near.spans.length, far.spans.length], [1, 1]);
  assert.deepEqual(
    [sent?.kind, sent?.parent, served?.kind, served?.parent],
    ["client", traceparent, "server", sent?.traceparent],
  );
  assert.equal(served?.name, `${FleetService.typeName}/Info`);
  assert.deepEqual([sent?.isEnded, sent?.error, served?.isEnded, served?.error], [true, undefined, true, undefined]);
});

test("a call's own traceparent goes before the connection's", async () => {
  const { client, near } = connected(stubHandlers(), { traceparent: traceparent.replace("4bf9", "0000") });
  await client.info({}, { headers: { traceparent } });
  assert.equal(near.spans[0]?.parent, traceparent);
});

test("handlers find the server's span in their context", async () => {
  const seen: (string | undefined)[] = [];
  const { client, far } = connected(
    stubHandlers({
      info: ({ span }) => {
        span.setAttribute("seen", true);
        seen.push(span.traceparent);
        return {};
      },
    }),
  );
  await client.info({});
  assert.deepEqual([seen, far.spans[0]?.attributes["seen"]], [[far.spans[0]?.traceparent], true]);
});

test("a stream's span ends with the stream and counts its messages", async () => {
  const handlers = stubHandlers({
    async *watch() {
      for (let rev = 1n; rev <= 3n; rev += 1n) yield create(WatchResponseSchema, { rev });
    },
  });
  const { client, near, far } = connected(handlers);
  for await (const { rev } of client.watch({})) assert.equal(near.spans[0]?.isEnded, false, `at ${rev}`);
  for (const [span] of [near.spans, far.spans])
    assert.deepEqual([span?.isEnded, span?.attributes["rpc.message_count"]], [true, 3]);
});

test("a failed call fails its spans, with our error and not with its carrier's", async () => {
  const handlers = stubHandlers({
    async send() {
      throw new MosaicError("AGENT_NOT_FOUND", "nobody");
    },
  });
  const { client, near, far } = connected(handlers);
  await assert.rejects(client.send({ agent: { name: "x" }, messageId: "m", text: "x" }));
  for (const [span] of [near.spans, far.spans])
    assert.ok(span?.error instanceof MosaicError && span.error.code === "AGENT_NOT_FOUND");
});

test("a stream that its caller leaves ends its spans", async () => {
  const handlers = stubHandlers({
    async *watch(_request, { signal }) {
      yield create(WatchResponseSchema, { rev: 1n });
      await aborted(signal);
    },
  });
  const { client, near, far } = connected(handlers);
  const call = new AbortController();
  const frames = client.watch({}, { signal: call.signal })[Symbol.asyncIterator]();
  await frames.next();
  const ended = frames.next().catch(() => {});
  call.abort();
  await ended;
  await settle();
  assert.deepEqual([near.spans[0]?.isEnded, far.spans[0]?.isEnded], [true, true]);
});
