/** Traces in a real Jaeger: one send over two aggregators and a node, down to the agent's turn, as its own API tells it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { daemonHome } from "../mesh/daemon-home.ts";
import { startDemoFleet } from "../mesh/demo-fleet.ts";
import { tellAll } from "../mesh/tell-all.ts";
import { findJaeger } from "./find-jaeger.ts";
import { type JaegerSpan, startJaeger } from "./start-jaeger.ts";

const SEND = "mosaic.fleet.v1.FleetService/Send";
const LIST = "mosaic.fleet.v1.FleetService/List";
const CANARY = "cAnArY-of-a-traced-prompt";
const jaeger = await findJaeger();

test(
  "one send is one trace in Jaeger, over command, two aggregators and node, down to the agent's turn",
  { skip: "missing" in jaeger ? jaeger.missing : false, timeout: 120_000 },
  tellAll(async () => {
    assert.ok("binary" in jaeger);
    await using collector = await startJaeger(jaeger.binary);
    // The daemons over gRPC, the commands over HTTP: it is one trace all the same.
    const env = {
      ...{ OTEL_EXPORTER_OTLP_ENDPOINT: collector.grpcEndpoint, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment=test%20bed",
    };
    await using fleet = await startDemoFleet({ hosts: 1, agents: 1, env });
    await using top = await daemonHome({ name: "top", env });
    const below = join(fleet.directory, "fleet/run/aggregator.sock");
    await top.write("fleet/hosts.yaml", `- targets: ["unix:${below}"]\n  labels: { host: below, role: aggregator }\n`);
    const { record } = await top.serves("aggregator");
    const endpoint = record.endpoints[0] ?? "";
    const send = async (more: Record<string, string> = {}) => {
      const options = ["--verify", "--wait", "answered", "--timeout", "60s", "--endpoint", endpoint];
      return await fleet.mosaic(["agent", "send", "demo/alpha/lead", "-m", `say ${CANARY}`, ...options], {
        env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf", ...more },
      });
    };
    await fleet.eventually("the top knows the agent", async () =>
      (await fleet.mosaic(["fleet", "ps", "--all-hosts", "--endpoint", endpoint])).stdout.includes("lead"),
    );

    const unsampled = await send({ OTEL_TRACES_SAMPLER: "always_off" });
    assert.equal(unsampled.exitCode, 0, unsampled.stdout + unsampled.stderr);
    const sent = await send();
    assert.equal(sent.exitCode, 0, sent.stdout + sent.stderr);

    // The turn's span is sent last of all, and nobody waits for it.
    const spans = await fleet.eventually("the whole trace is there", async () => {
      const found = await collector.spansWith("mosaic", "mosaic agent send");
      return found.some(({ name }) => name === "agent.turn") && found.filter(({ name }) => name === SEND).length >= 5 && found;
    });
    assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1, "one trace, and none of what was not sampled");
    assert.deepEqual(wayTo(spans, "agent.turn"), [
      "mosaic internal mosaic agent send",
      ...[1, 2].flatMap(() => [
        `mosaic-aggregator server ${SEND}`,
        "mosaic-aggregator client message.forward",
        `mosaic-aggregator client ${SEND}`,
      ]),
      `mosaic-node server ${SEND}`,
      "mosaic-node internal agent.turn",
    ]);
    const ids = new Set(spans.map(({ spanId }) => spanId));
    for (const { parentSpanId, name } of spans) assert.ok(parentSpanId === "" || ids.has(parentSpanId), `${name} has no parent`);
    const byName = (name: string) => spans.find((span) => span.name === name);
    assert.deepEqual(byName("agent.inject")?.events, ["typed", "entered"]);
    assert.deepEqual(byName("agent.turn")?.events, ["entered", "accepted", "answered"]);
    assert.equal(byName("agent.turn")?.tags["mosaic.agent"], "demo/alpha/lead");
    for (const { service, resource } of spans) assert.equal(resource["deployment.environment"], "test bed", service);
    assert.ok(!JSON.stringify(spans).includes(CANARY), "what was said is in no trace");

    const asked = await fleet.mosaic(["fleet", "ps", "--all-hosts", "--live", "--endpoint", endpoint]);
    assert.equal(asked.exitCode, 0, asked.stdout + asked.stderr);
    const legs = await fleet.eventually("the question's trace is there", async () => {
      const way = wayTo(await collector.spansWith("mosaic", "mosaic fleet ps"), LIST, "mosaic-node");
      return way[0] === "mosaic internal mosaic fleet ps" && way;
    });
    const hop = [`mosaic-aggregator server ${LIST}`, `mosaic-aggregator client ${LIST}`];
    assert.deepEqual(legs.slice(1), [...hop, ...hop, `mosaic-node server ${LIST}`], "a question with --live is one trace too");

    // Jaeger may be a service of its own.
    const services = (await collector.services()).filter((name) => name.startsWith("mosaic"));
    assert.deepEqual(services.toSorted(), ["mosaic", "mosaic-aggregator", "mosaic-node"]);
  }),
);

/** The way from a command down to a span, as its parents tell it: service, kind and name of each. */
function wayTo(spans: readonly JaegerSpan[], name: string, service?: string): string[] {
  const byId = new Map(spans.map((span) => [`${span.traceId} ${span.spanId}`, span]));
  const way: string[] = [];
  let span = spans.find((one) => one.name === name && (service === undefined || one.service === service));
  while (span) {
    way.unshift(`${span.service} ${span.kind} ${span.name}`);
    span = byId.get(`${span.traceId} ${span.parentSpanId}`);
  }
  return way;
}
