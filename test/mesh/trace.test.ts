/** One trace over every process that a message passes, and nothing loaded for it when nobody asked. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { daemonHome, quietRoster } from "./daemon-home.ts";
import { startDemoFleet } from "./demo-fleet.ts";
import { type CollectedSpan, startOtlpCollector } from "./otlp-collector.ts";
import { tellAll } from "./tell-all.ts";

const SEND = "mosaic.fleet.v1.FleetService/Send";

test(
  "one send is one trace over command, aggregator and node, down to the agent's turn",
  { timeout: 60_000 },
  tellAll(async () => {
    await using collector = await startOtlpCollector();
    await using fleet = await startDemoFleet({ hosts: 1, agents: 1, env: collector.env });
    const sent = await fleet.mosaic(["agent", "send", "demo/alpha/lead", "-m", "trace me", "--verify"]);
    assert.equal(sent.exitCode, 0, sent.stderr);
    const find = (service: string, kind: CollectedSpan["kind"], name: string) =>
      collector.spans.find((span) => span.service === service && span.kind === kind && span.name === name);
    const command = await fleet.eventually("the command's span", () => find("mosaic", "internal", "mosaic agent send"));
    const served = await fleet.eventually("the aggregator's span", () => find("mosaic-aggregator", "server", SEND));
    const forwarded = await fleet.eventually("the outbox's carrying", () =>
      find("mosaic-aggregator", "client", "message.forward"),
    );
    const passedOn = await fleet.eventually("the aggregator's call", () => find("mosaic-aggregator", "client", SEND));
    const delivered = await fleet.eventually("the node's span", () => find("mosaic-node", "server", SEND));

    assert.match(command.traceId, /^[0-9a-f]{32}$/);
    assert.equal(command.parentSpanId, "");
    assert.deepEqual(
      [served, forwarded, passedOn, delivered].map((span) => [span.traceId, span.parentSpanId]),
      [command, served, forwarded, passedOn].map((parent) => [parent.traceId, parent.spanId]),
    );
    const injected = await fleet.eventually("the typing's span", () => find("mosaic-node", "internal", "agent.inject"));
    const turn = await fleet.eventually("the turn's span", () => find("mosaic-node", "internal", "agent.turn"));
    for (const span of [injected, turn])
      assert.deepEqual([span.traceId, span.parentSpanId], [delivered.traceId, delivered.spanId]);
    assert.deepEqual(injected.events, ["typed", "entered"]);
    const sends = collector.spans.filter((span) => span.name === SEND);
    assert.equal(sends.length, 3, JSON.stringify(sends));
    assert.deepEqual(collector.problems, []);
  }),
);

test(
  "a turn belongs to the trace of its sender, also when the node was killed while it went on",
  { timeout: 90_000 },
  tellAll(async () => {
    await using collector = await startOtlpCollector();
    await using fleet = await startDemoFleet({ hosts: 1, agents: 1, env: collector.env });
    const isOf = (service: string, name: string) => (span: CollectedSpan) => span.service === service && span.name === name;
    const send = (text: string, id: string) =>
      fleet.start([
        "agent",
        "send",
        "demo/alpha/lead",
        "-m",
        text,
        "--verify",
        "--wait",
        "answered",
        "--timeout",
        "60s",
        "--id",
        id,
      ]);

    const whole = await send("trace me to the end", "whole").ended;
    assert.equal(whole.exitCode, 0, whole.stdout + whole.stderr);
    const turn = await fleet.eventually("the turn's span", () => collector.spans.find(isOf("mosaic-node", "agent.turn")));
    assert.deepEqual(turn.events, ["entered", "accepted", "answered"]);
    const command = await fleet.eventually("the command's span", () => collector.spans.find(isOf("mosaic", "mosaic agent send")));
    const parts = [
      isOf("mosaic-aggregator", "message.forward"),
      isOf("mosaic-node", "agent.inject"),
      isOf("mosaic-node", "agent.turn"),
    ];
    for (const isPart of parts) {
      const part = await fleet.eventually("every part", () => collector.spans.find(isPart));
      assert.equal(part.traceId, command.traceId, part.name);
    }

    const slow = send("stub:slow=6000", "slow");
    const isAccepted = async () => /ACCEPTED/.test((await fleet.mosaic(["message", "show", "slow"])).stdout);
    await fleet.eventually("the turn goes on", isAccepted);
    fleet.kill("alpha", "SIGKILL");
    await fleet.restart();
    const end = await slow.ended;
    assert.equal(end.exitCode, 0, end.stdout + end.stderr);
    const later = await fleet.eventually("the later command's span", () =>
      collector.spans.filter(isOf("mosaic", "mosaic agent send")).find(({ traceId }) => traceId !== command.traceId),
    );
    const resumed = await fleet.eventually("the turn's span, from the node that came after", () =>
      collector.spans.filter(isOf("mosaic-node", "agent.turn")).find(({ traceId }) => traceId === later.traceId),
    );
    assert.equal(resumed.events.at(-1), "answered");
    assert.deepEqual(collector.problems, []);
  }),
);

test("a trace that the caller began goes on", { timeout: 60_000 }, async () => {
  await using collector = await startOtlpCollector();
  await using home = await daemonHome({ env: { ...collector.env, TRACEPARENT: CALLER } });
  await home.mosaic("version", "--json");
  const [span] = collector.spans;
  assert.deepEqual([span?.name, span?.traceId, span?.parentSpanId], ["mosaic version", ...CALLER.split("-").slice(1, 3)]);
});

test("a collector that is down keeps no command from ending", { timeout: 60_000 }, async () => {
  await using home = await daemonHome({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" } });
  const end = await home.mosaic("version");
  assert.equal(end.exitCode, 0);
  // Its limit is 2 s; the rest is the start of a command on a busy machine.
  assert.ok(end.durationMs < 8000, `took ${end.durationMs} ms`);
});

test("without OTEL_* neither the command nor the daemons load anything of traces or metrics", { timeout: 90_000 }, async () => {
  const off = await loadedModules({});
  assert.ok(off.length > 100, `only ${off.length} modules: is the hook in use?`);
  assert.deepEqual(off.filter(isTelemetry), []);
  await using collector = await startOtlpCollector();
  const on = await loadedModules(collector.env);
  assert.ok(on.some(isTelemetry), "the same look sees it when it is asked for");
});

const CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/** The URLs of all modules that a node, an aggregator over it and three commands load, run from their sources. */
async function loadedModules(env: Record<string, string>): Promise<string[]> {
  const hook = pathToFileURL(join(import.meta.dirname, "log-loaded.mjs")).href;
  const folder = await mkdtemp(join(tmpdir(), "mosaic-loaded-"));
  const log = join(folder, "urls");
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true }));
  const options = { fromSource: true, nodeFlags: ["--import", hook], env: { ...env, MOSAIC_TEST_LOADED: log } };
  const home = stack.use(await daemonHome(options));
  await home.write("fleet/roster.yaml", quietRoster("alpha", ["lead"]));
  const node = await home.serves("node", "--listen", "127.0.0.1:0");
  const target = node.record.endpoints.find((endpoint) => endpoint.startsWith("http"));
  await home.write("fleet/hosts.yaml", JSON.stringify([{ targets: [target], labels: { host: "alpha", tenant: "team-a" } }]));
  await home.serves("aggregator");
  for (const args of [
    ["fleet", "ps"],
    ["fleet", "ps", "--all-hosts", "--live"],
    ["agent", "send", "lead", "-m", "x"],
  ])
    await home.mosaic(...args);
  return (await readFile(log, "utf8")).trim().split("\n");
}

function isTelemetry(url: string): boolean {
  return /@opentelemetry|otel|otlp|prom-client/.test(url);
}
