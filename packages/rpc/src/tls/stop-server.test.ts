import assert from "node:assert/strict";
import { test } from "node:test";
import { passThroughTracer, silentLog } from "@mosaic/core";
import { stubHandlers } from "@mosaic/testkit";
import { connectFleet } from "../client/connect-fleet.ts";
import { LiveStreams } from "../server/live-streams.ts";
import { serveFleet } from "../server/serve-fleet.ts";
import { ada, node, testFleet } from "./fleet-for-tests.ts";

test("a server with an identity that is stopped lets go of its port", async () => {
  const fleet = await testFleet();
  const serve = async (port: number) => {
    const listen = [{ kind: "tls", hostname: "127.0.0.1", port }] as const;
    const tls = { identity: await fleet.sourceOf(node) };
    return serveFleet({
      handlers: stubHandlers(),
      streams: new LiveStreams(),
      listen,
      tls,
      tracer: passThroughTracer,
      log: silentLog,
    });
  };
  const first = await serve(0);
  const endpoint = first.endpoints[0];
  assert.ok(endpoint?.kind === "tls");
  await using open = connectFleet(endpoint, { tls: { identity: await fleet.sourceOf(ada) } });
  await open.client.info({});
  await first[Symbol.asyncDispose]();
  const second = await serve(endpoint.port);
  await second[Symbol.asyncDispose]();
});
