/** Mosaic as a Go service sees it, and as grpcurl does that has no file of ours: reflection alone. What is built stays in .cache/go. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { type DemoFleet, startDemoFleet } from "../mesh/demo-fleet.ts";
import { type OtlpCollector, startOtlpCollector } from "../mesh/otlp-collector.ts";
import { portOf } from "../mesh/raw-call.ts";
import { runToEnd } from "../mesh/run-program.ts";
import { tellAll } from "../mesh/tell-all.ts";
import { findGo, goClient, goTool, HOW_TO_GET_GO } from "./go-tools.ts";

const go = findGo();
const SERVICES = ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "mosaic.fleet.v1.FleetService"];

test(
  "a Go gRPC client, and grpcurl",
  { skip: go === undefined ? HOW_TO_GET_GO : false, timeout: 900_000 },
  tellAll(async (t) => {
    const client = await goClient(go ?? "");
    const grpcurl = await goTool(go ?? "", "grpcurl");
    await using collector = await startOtlpCollector();
    await using fleet = await startDemoFleet({ hosts: 1, agents: 2, env: collector.env });
    const socket = join(fleet.directory, "fleet/run/aggregator.sock");
    const port = `127.0.0.1:${portOf(fleet.daemon("alpha").endpoint)}`;
    const ask = async <T>(target: string, command: string, request: object = {}) => {
      const end = await runToEnd([client, target, command], { env: fleet.env, stdin: JSON.stringify(request) });
      assert.equal(end.exitCode, 0, end.stderr);
      return JSON.parse(end.stdout) as T;
    };
    for (const [name, target] of [
      ["the aggregator's socket", `unix://${socket}`],
      ["a node's port", port],
    ] as const) {
      await t.test(`lists, watches and cancels, and finds health and reflection over ${name}`, () =>
        looks((command) => ask(target, command)),
      );
    }
    await t.test("sends on its own trace and within its own deadline", () =>
      sends(fleet, collector, (request) => ask(`unix://${socket}`, "send", request)),
    );
    await t.test("grpcurl lists services, lists the fleet and sends, by reflection alone", () =>
      byReflection(fleet, grpcurl, `unix://${socket}`),
    );
  }),
);

async function looks(ask: <T>(command: string) => Promise<T>): Promise<void> {
  const { agents } = await ask<{ agents: { name: string }[] }>("list");
  assert.deepEqual(
    agents.map(({ name }) => name),
    ["coder0", "lead"],
  );
  const watched = await ask<{ frames: string[]; code: string }>("watch");
  assert.deepEqual(watched, { frames: ["reset", "host", "upsert", "upsert", "snapshot_end"], code: "Canceled" });
  assert.deepEqual(await ask("health"), { status: "SERVING" });
  assert.deepEqual(await ask("reflection"), SERVICES);
}

type Sent = { readonly receipt?: { readonly state: string }; readonly code?: string };

async function sends(fleet: DemoFleet, collector: OtlpCollector, send: (request: object) => Promise<Sent>): Promise<void> {
  const [traceId, spanId] = ["5bf92f3577b34da6a3ce929d0e0e4736", "10f067aa0ba902b7"];
  const message = {
    agent: { host: "alpha", name: "lead" },
    messageId: "go-1",
    text: "from go",
    waitFor: "DELIVERY_STATE_ACCEPTED",
  };
  const sent = await send({ message, traceparent: `00-${traceId}-${spanId}-01` });
  assert.match(sent.receipt?.state ?? JSON.stringify(sent), /^DELIVERY_STATE_(ACCEPTED|ANSWERED)$/);
  await fleet.eventually("the node's span", () =>
    collector.spans.some((span) => span.service === "mosaic-node" && span.traceId === traceId && span.kind === "server"),
  );
  const slow = { ...message, messageId: "go-2", text: "stub:wedged", waitFor: "DELIVERY_STATE_ANSWERED" };
  assert.equal((await send({ message: slow, timeout_ms: 1000 })).code, "DeadlineExceeded");
}

async function byReflection(fleet: DemoFleet, grpcurl: string, target: string): Promise<void> {
  const run = async (...args: string[]) => {
    const end = await runToEnd([grpcurl, "-plaintext", ...args], { env: fleet.env });
    assert.equal(end.exitCode, 0, end.stderr);
    return end.stdout;
  };
  assert.deepEqual((await run(target, "list")).trim().split("\n").sort(), SERVICES);
  assert.match(await run(target, "mosaic.fleet.v1.FleetService/List"), /"name": "coder0"/);
  const message = '{"agent":{"host":"alpha","name":"coder0"},"message_id":"g-1","text":"hello"}';
  assert.match(
    await run("-d", message, target, "mosaic.fleet.v1.FleetService/Send"),
    /"state": "DELIVERY_STATE_(ENTERED|ACCEPTED|ANSWERED)"/,
  );
}
