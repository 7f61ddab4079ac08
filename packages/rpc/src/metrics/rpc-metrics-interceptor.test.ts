import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { MosaicError } from "@mosaic/core";
import { settle, stubHandlers } from "@mosaic/testkit";
import { WatchResponseSchema } from "@mosaic/wire";
import { connectInMemory } from "../client/connect-fleet.ts";
import { recordedMetrics } from "./recorded-metrics-for-tests.ts";

test("a call is counted under its rpc and how it ended, and timed", async () => {
  const metrics = recordedMetrics();
  const handlers = stubHandlers({
    send: async () => {
      throw new MosaicError("AGENT_NOT_FOUND", "no such agent");
    },
  });
  await using connection = connectInMemory(handlers, {}, { metrics });
  await connection.client.info({});
  await assert.rejects(connection.client.send({ agent: { name: "x" }, messageId: "m", text: "t" }));
  assert.deepEqual(metrics.lines, [
    "mosaic_rpc_handled_total method=Info,code=OK 1",
    "mosaic_rpc_duration_seconds method=Info",
    "mosaic_rpc_handled_total method=Send,code=AGENT_NOT_FOUND 1",
    "mosaic_rpc_duration_seconds method=Send",
  ]);
});

test("a stream is in flight until it is over, and not timed", async () => {
  const metrics = recordedMetrics();
  const handlers = stubHandlers({
    async *watch(_request, { signal }) {
      yield create(WatchResponseSchema, { rev: 1n });
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    },
  });
  await using connection = connectInMemory(handlers, {}, { metrics });
  const leaving = new AbortController();
  const reading = (async () => {
    for await (const _ of connection.client.watch({}, { signal: leaving.signal })) {
      assert.deepEqual(metrics.samples("mosaic_rpc_in_flight"), [{ labels: { method: "Watch" }, value: 1 }]);
      leaving.abort();
    }
  })();
  await assert.rejects(reading);
  await settle();
  assert.deepEqual(metrics.lines, ["mosaic_rpc_handled_total method=Watch,code=CANCELLED 1"]);
  assert.deepEqual(metrics.samples("mosaic_rpc_in_flight"), [{ labels: { method: "Watch" }, value: 0 }]);
});
