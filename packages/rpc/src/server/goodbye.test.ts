import assert from "node:assert/strict";
import { test } from "node:test";
import { FleetLog, passThroughTracer, serveWatch, silentLog } from "@mosaic/core";
import { aHostStatus, realClock, stubHandlers } from "@mosaic/testkit";
import { connectFleet } from "../client/connect-fleet.ts";
import { LiveStreams } from "./live-streams.ts";
import { serveFleet } from "./serve-fleet.ts";

/** A server of one host, and what it served so far of Watch. */
async function serve(stack: AsyncDisposableStack) {
  const log = new FleetLog({ epoch: "e" });
  log.publish([{ kind: "host", status: aHostStatus() }]);
  const streams = new LiveStreams();
  const deps = { log, clock: realClock, asOfNow: <T>(status: T) => status, random: () => 0.5, stopping: streams.stopping };
  const handlers = stubHandlers({ watch: (request, { signal }) => serveWatch(deps, request, signal) });
  const listen = [{ kind: "tcp", hostname: "127.0.0.1", port: 0 }] as const;
  const server = stack.use(await serveFleet({ handlers, streams, listen, tracer: passThroughTracer, log: silentLog }));
  const [endpoint] = server.endpoints;
  assert.ok(endpoint);
  return { server, client: stack.use(connectFleet(endpoint)).client };
}

test("who watches a server that is stopped is told so before the connection ends", { timeout: 20_000 }, async () => {
  await using stack = new AsyncDisposableStack();
  const { server, client } = await serve(stack);
  const told: (string | undefined)[] = [];
  const failure = await (async () => {
    for await (const { frame } of client.watch({})) {
      told.push(frame.case);
      if (frame.case === "bookmark") void server[Symbol.asyncDispose]();
    }
  })().catch((thrown: unknown) => thrown);
  assert.deepEqual(told, ["reset", "host", "snapshotEnd", "bookmark", "closing"]);
  assert.equal(failure, undefined, "and it ended in order");
});
