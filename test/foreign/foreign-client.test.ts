/** Mosaic as a client sees it that knows nothing but the proto files: Python's gRPC, over a Unix socket and over TCP. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { type DemoFleet, startDemoFleet } from "../mesh/demo-fleet.ts";
import { type OtlpCollector, startOtlpCollector } from "../mesh/otlp-collector.ts";
import { portOf, rawCall } from "../mesh/raw-call.ts";
import { tellAll } from "../mesh/tell-all.ts";
import { findPython, HOW_TO_GET_PYTHON, type PythonClient, pythonClient } from "./python-client.ts";

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly info: {
    readonly code: string;
    readonly hint?: string;
    readonly candidates?: readonly { readonly name: string }[];
  } | null;
}

interface Listed {
  readonly agents?: readonly { readonly tenant_id: string; readonly host: string; readonly name: string }[];
  readonly hosts?: readonly { readonly host: string; readonly state: string }[];
}

const python = findPython();

test(
  "a Python gRPC client",
  { skip: python === undefined ? HOW_TO_GET_PYTHON : false, timeout: 120_000 },
  tellAll(async (t) => {
    await using collector = await startOtlpCollector();
    await using fleet = await startDemoFleet({ hosts: 2, agents: 2, env: collector.env });
    await using client = await pythonClient(python ?? "");
    const aggregator = `unix:${join(fleet.directory, "fleet/run/aggregator.sock")}`;
    const node = `127.0.0.1:${portOf(fleet.daemon("alpha").endpoint)}`;

    for (const [name, target, hosts] of [
      ["the aggregator's socket", aggregator, ["alpha", "beta"]],
      ["a node's port", node, ["alpha"]],
    ] as const) {
      await t.test(`lists the fleet over ${name}`, async () => {
        const listed = await client.call<Listed>(target, "list");
        assert.deepEqual(
          listed.hosts?.map((host) => [host.host, host.state]),
          hosts.map((host) => [host, "HOST_STATE_LIVE"]),
        );
        assert.deepEqual(
          listed.agents?.map((agent) => `${agent.tenant_id}/${agent.host}/${agent.name}`),
          hosts.flatMap((host) => [`demo/${host}/coder0`, `demo/${host}/lead`]),
        );
      });
      await t.test(`watches and cancels over ${name}, and no stream is left`, () => watches(fleet, client, target, hosts.length));
      await t.test(`is told errors with their details over ${name}`, () => errors(client, target));
      await t.test(`finds health and reflection over ${name}`, () => healthAndReflection(client, target));
    }
    await t.test("sends a message on its own trace and within its own deadline", () =>
      sends(fleet, client, aggregator, collector),
    );
    await t.test("reads a terminal's text", async () => {
      const [first] = await client.call<{ lines: string[] }[]>(aggregator, "tail", {
        agent: { host: "alpha", name: "lead" },
        lines: 2,
      });
      assert.deepEqual(first?.lines.at(-1), "ready");
    });
  }),
);

async function watches(fleet: DemoFleet, client: PythonClient, target: string, hostCount: number): Promise<void> {
  const before = await liveWatches(target);
  const watched = await client.call<{ frames: string[]; code: string }>(target, "watch", { bookmark_interval_ms: 1000 });
  assert.equal(watched.code, "CANCELLED");
  const end = watched.frames.indexOf("snapshot_end");
  assert.equal(watched.frames[0], "reset");
  assert.deepEqual(watched.frames.slice(1, end).toSorted(), [
    ...Array(hostCount).fill("host"),
    ...Array(2 * hostCount).fill("upsert"),
  ]);

  const late = await client.call<{ frames: number; code: string; took_ms: number }>(target, "watch-until-deadline");
  assert.equal(late.code, "DEADLINE_EXCEEDED");
  assert.ok(late.frames > end && late.took_ms >= 950 && late.took_ms < 3000, JSON.stringify(late));
  await fleet.eventually("the streams are gone", async () => (await liveWatches(target)) === before);
}

async function liveWatches(target: string): Promise<number> {
  const place = target.startsWith("unix:") ? { socketPath: target.slice(5) } : { port: Number(target.split(":")[1]) };
  const { liveStreams = {} } = JSON.parse((await rawCall(place, "Info")).body) as { liveStreams?: Record<string, number> };
  return liveStreams["Watch"] ?? 0;
}

async function errors(client: PythonClient, target: string): Promise<void> {
  const message = (change: object) => ({ agent: { name: "lead", host: "alpha" }, message_id: "py-error", text: "x", ...change });
  const unknown = await client.call<Failure>(target, "send", message({ agent: { host: "alpha", name: "leed" } }));
  assert.deepEqual([unknown.code, unknown.info?.code], ["NOT_FOUND", "AGENT_NOT_FOUND"]);
  assert.match(unknown.message, /no agent .*leed/);
  assert.match(unknown.info?.hint ?? "", /lead/);
  assert.ok(
    unknown.info?.candidates?.every((candidate) => candidate.name === "lead"),
    JSON.stringify(unknown.info),
  );

  const control = await client.call<Failure>(target, "send", message({ text: "a\u001bb" }));
  assert.deepEqual([control.code, control.info?.code], ["INVALID_ARGUMENT", "USAGE"]);
  const invalid = await client.call<Failure>(target, "send", message({ message_id: "no blanks allowed" }));
  assert.deepEqual([invalid.code, invalid.info?.code], ["INVALID_ARGUMENT", "USAGE"]);
  assert.match(invalid.message, /message_id/);
  const tooLarge = await client.call<Failure>(target, "send", message({ text: "x".repeat(262_145) }));
  assert.deepEqual([tooLarge.code, tooLarge.info?.code], ["RESOURCE_EXHAUSTED", "MESSAGE_TOO_LARGE"]);
}

async function healthAndReflection(client: PythonClient, target: string): Promise<void> {
  for (const service of ["", "mosaic.fleet.v1.FleetService"]) {
    const health = await client.call(target, "health", { service });
    assert.deepEqual(health, { check: "SERVING", watch: "SERVING", code: "CANCELLED" });
  }
  assert.equal((await client.call<Failure>(target, "health", { service: "no.such.Service" })).code, "NOT_FOUND");

  const known = await client.call<{ services: string[]; files: string[]; methods: string[]; unknown: number }>(
    target,
    "reflection",
    {
      symbol: "mosaic.fleet.v1.FleetService",
    },
  );
  assert.deepEqual(known.services, [
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "mosaic.fleet.v1.FleetService",
  ]);
  assert.ok(known.files.includes("mosaic/fleet/v1/fleet_service.proto"));
  assert.deepEqual(known.methods, [
    "Info",
    "List",
    "Watch",
    "Heartbeat",
    "Send",
    "Tail",
    "WatchTerminal",
    "AttachTerminal",
    "Reset",
    "ListMessages",
    "WatchReceipts",
    "WatchEvents",
    "Presence",
    "CancelMessage",
    "RetryMessage",
    "Decide",
    "AddHost",
    "RemoveHost",
    "DrainHost",
    "ReadLog",
  ]);
  assert.equal(known.unknown, 5, "NOT_FOUND");
}

async function sends(fleet: DemoFleet, client: PythonClient, target: string, collector: OtlpCollector): Promise<void> {
  const [traceId, spanId] = ["4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"];
  const message = {
    agent: { host: "beta", name: "lead" },
    message_id: "py-1",
    text: "from python",
    wait_for: "DELIVERY_STATE_ACCEPTED",
  };
  const sent = await client.call<{ receipt: { state: string; turn_id: string } }>(target, "send", {
    ...message,
    traceparent: `00-${traceId}-${spanId}-01`,
  });
  assert.match(sent.receipt.state, /^DELIVERY_STATE_(ACCEPTED|ANSWERED)$/);
  assert.notEqual(sent.receipt.turn_id, "");
  const spanOf = (service: string) =>
    collector.spans.find((span) => span.service === service && span.traceId === traceId && span.kind === "server");
  const first = await fleet.eventually("the aggregator's span", () => spanOf("mosaic-aggregator"));
  assert.equal(first.parentSpanId, spanId);
  await fleet.eventually("the node's span", () => spanOf("mosaic-node"));

  // The agent never answers, the caller's patience ends: the deadline it set is kept on the way, too.
  const slow = { ...message, message_id: "py-2", text: "stub:wedged", wait_for: "DELIVERY_STATE_ANSWERED", timeout: 1 };
  const startedMs = performance.now();
  assert.equal((await client.call<Failure>(target, "send", slow)).code, "DEADLINE_EXCEEDED");
  assert.ok(performance.now() - startedMs < 8000);
}
