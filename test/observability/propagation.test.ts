/** What travels with a trace from process to process: `traceparent`, and nothing in which anything else could. And what is kept of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { daemonHome, quietRoster } from "../mesh/daemon-home.ts";
import { startOtlpCollector } from "../mesh/otlp-collector.ts";
import { portOf, rawCall } from "../mesh/raw-call.ts";
import { tellAll } from "../mesh/tell-all.ts";
import { tapWire } from "./wire-tap.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const CANARY = "cAnArY-of-a-secret";
const traceparent = `00-${TRACE}-b7ad6b7169203331-01`;

test(
  "traceparent goes from the caller over the aggregator to the node; baggage and tracestate stay where they came in",
  { timeout: 60_000 },
  tellAll(async () => {
    await using stack = new AsyncDisposableStack();
    const collector = stack.use(await startOtlpCollector());
    const carried = { TRACEPARENT: traceparent, BAGGAGE: `key=${CANARY}`, TRACESTATE: `vendor=${CANARY}` };
    const home = stack.use(await daemonHome({ env: { ...collector.env, ...carried } }));
    await home.write("fleet/roster.yaml", quietRoster("alpha", ["lead"]));
    const node = await home.serves("node", "--listen", "127.0.0.1:0");
    const tap = stack.use(await tapWire(portOf(node.record.endpoints.find((endpoint) => endpoint.startsWith("http")) ?? "")));
    await home.write(
      "fleet/hosts.yaml",
      JSON.stringify([{ targets: [tap.address], labels: { host: "alpha", tenant: "team-a" } }]),
    );
    const { record } = await home.serves("aggregator", "--listen", "127.0.0.1:0");
    const port = portOf(record.endpoints.find((endpoint) => endpoint.startsWith("http")) ?? "");

    const headers = { traceparent, baggage: `key=${CANARY}`, tracestate: `vendor=${CANARY}` };
    const asked = await rawCall({ port }, "List", { live: true }, headers);
    assert.equal(asked.status, 200, asked.body);
    const ask = { agent: { tenantId: "team-a", host: "alpha", name: "lead" }, messageId: "m-1", text: "hello", waitMs: 500 };
    const sent = await rawCall({ port }, "Send", ask, headers);
    assert.equal(sent.status, 200, sent.body);
    const listed = await home.mosaic("fleet", "ps", "--all-hosts", "--live");
    assert.equal(listed.exitCode, 0, listed.stderr);

    const text = tap.http1();
    assert.ok(text.split(`traceparent: 00-${TRACE}-`).length > 2, "both questions came with their trace");
    assert.doesNotMatch(text, /baggage|tracestate|canary/i);
    const calls = await tap.http2();
    const send = calls.find((call) => call[":path"]?.endsWith("/Send"));
    assert.match(String(send?.["traceparent"]), new RegExp(`^00-${TRACE}-`));
    assert.doesNotMatch(JSON.stringify(calls), /baggage|tracestate|canary/i);
    assert.ok(!collector.bodies.some((body) => body.includes(CANARY)), "nor is it in a span");
  }),
);

test("sampling is as the standard's variables say, where a trace begins", { timeout: 60_000 }, async () => {
  await using collector = await startOtlpCollector();
  const spansWith = async (env: Record<string, string>) => {
    const before = collector.spans.length;
    await using home = await daemonHome({ env: { ...collector.env, ...env } });
    const end = await home.mosaic("version");
    assert.equal(end.exitCode, 0, end.stderr);
    return collector.spans.length - before;
  };
  const none = { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0" };
  assert.equal(await spansWith({}), 1);
  assert.equal(await spansWith(none), 0);
  assert.equal(await spansWith({ ...none, TRACEPARENT: traceparent }), 1, "a caller's decision stands");
  assert.equal(await spansWith({ TRACEPARENT: traceparent.replace(/01$/, "00") }), 0);
  assert.equal(await spansWith({ OTEL_TRACES_SAMPLER: "always_off", TRACEPARENT: traceparent }), 0);
});
