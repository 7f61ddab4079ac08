import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { ROOT_CONTEXT, SpanKind } from "@opentelemetry/api";
import { type Sampler, SamplingDecision } from "@opentelemetry/sdk-trace";
import { formatTraceparent, openOtelTracer, parseTraceparent } from "./otel-tracer.ts";
import { samplerOf } from "./sampler-of.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const spanId = "00f067aa0ba902b7";
const traceparent = `00-${traceId}-${spanId}-01`;

/** Runs a module of its own, because the libraries read the environment of the process. */
async function runModule(source: string, env: Record<string, string>): Promise<string> {
  const options = { env: { PATH: process.env["PATH"] ?? "", ...env }, cwd: import.meta.dirname, timeout: 20_000 };
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", source], options);
  return stdout;
}

describe("traceparent", () => {
  test("is read and written as it was", () => {
    for (const text of [traceparent, `00-${traceId}-${spanId}-00`]) {
      const context = parseTraceparent(text);
      assert.ok(context);
      assert.equal(formatTraceparent(context), text);
      assert.equal(context.isRemote, true);
    }
  });

  test("of a newer version is read for what version 00 knows of it", () => {
    const context = parseTraceparent(`01-${traceId}-${spanId}-ff-what-the-future-brings`);
    assert.ok(context);
    assert.equal(formatTraceparent(context), traceparent, "unknown flags are not passed on");
  });

  test("that is none starts a trace of its own, as the standard asks", () => {
    const zeros = "0".repeat(32);
    for (const text of [
      undefined,
      "",
      "x",
      `ff-${traceId}-${spanId}-01`,
      `00-${zeros}-${spanId}-01`,
      `00-${traceId}-${zeros.slice(16)}-01`,
      traceparent.toUpperCase(),
      traceparent.slice(0, -1),
      `${traceparent}1`,
      ` ${traceparent}`,
    ]) {
      assert.equal(parseTraceparent(text), undefined, text);
    }
  });
});

describe("a sampler", () => {
  const log = (warnings: string[]) => ({ warn: (_: object, message: string) => void warnings.push(message) });

  test("by ratio keeps that part of all traces, and of one trace the same everywhere", () => {
    const sampler = () => samplerOf({ env: { OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.25" } });
    const decide = (one: Sampler, id: string) =>
      one.shouldSample(ROOT_CONTEXT, id, "x", SpanKind.INTERNAL, {}, []).decision === SamplingDecision.RECORD_AND_SAMPLED;
    const [here, there] = [sampler(), sampler()];
    const ids = Array.from({ length: 1000 }, () => randomBytes(16).toString("hex"));
    const kept = ids.filter((id) => decide(here, id));
    assert.ok(kept.length > 150 && kept.length < 350, `${kept.length} of 1000`);
    assert.deepEqual(
      ids.filter((id) => decide(there, id)),
      kept,
    );
  });

  test("that is named wrongly is told, and every trace is kept", () => {
    const warnings: string[] = [];
    const of = (env: Record<string, string>) => samplerOf({ env, log: log(warnings) }).toString();
    assert.match(of({ OTEL_TRACES_SAMPLER: "jaeger_remote" }), /ParentBased.*root=AlwaysOnSampler/);
    assert.match(of({ OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "half" }), /TraceIdRatioBased\{1\}/);
    assert.match(of({ OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "1.5" }), /TraceIdRatioBased\{1\}/);
    assert.deepEqual(
      warnings.map((line) => line.split(" ")[0]),
      ["OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG", "OTEL_TRACES_SAMPLER_ARG"],
    );
  });
});

describe("a tracer", () => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" };
  const flagsOf = async (variables: Record<string, string>, parent?: string) => {
    const tracer = await openOtelTracer({ serviceName: "test", env: { ...env, ...variables } });
    return tracer.startSpan("x", { parent }).traceparent?.split("-") ?? [];
  };

  test("continues its parent's trace under a span of its own", async () => {
    const [version, trace, span] = await flagsOf({}, traceparent);
    assert.deepEqual([version, trace], ["00", traceId]);
    assert.notEqual(span, spanId);
    assert.notEqual((await flagsOf({}))[1], traceId, "without a parent it starts one");
  });

  test("samples as the standard's variables say, and a parent's decision stands", async () => {
    const notSampled = traceparent.replace(/01$/, "00");
    assert.equal((await flagsOf({}))[3], "01");
    assert.equal((await flagsOf({}, notSampled))[3], "00");
    assert.equal((await flagsOf({ OTEL_TRACES_SAMPLER: "always_off" }, traceparent))[3], "00");
    assert.equal((await flagsOf({ OTEL_TRACES_SAMPLER: "parentbased_always_off" }))[3], "00");
    assert.equal((await flagsOf({ OTEL_TRACES_SAMPLER: "parentbased_always_off" }, traceparent))[3], "01");
    assert.equal((await flagsOf({ OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "0" }))[3], "00");
    const part = { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0" };
    assert.deepEqual([(await flagsOf(part))[3], (await flagsOf(part, traceparent))[3]], ["00", "01"]);
  });
});

interface ExportedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly parentSpanId?: string;
  readonly status?: { readonly code?: number; readonly message?: string };
  readonly events?: readonly { readonly name: string }[];
}

const attributesOf = (list: readonly { key: string; value: { stringValue?: string } }[]) =>
  Object.fromEntries(list.map(({ key, value }) => [key, value.stringValue]));

test("spans reach a collector, with their resource, parent, events and how they failed, and never what was said", {
  timeout: 30_000,
}, async () => {
  const bodies: { url: string | undefined; json: string }[] = [];
  const collector = createServer(async (request, response) => {
    let json = "";
    for await (const piece of request) json += piece;
    bodies.push({ url: request.url, json });
    response.end("{}");
  });
  collector.listen(0, "127.0.0.1");
  await once(collector, "listening");
  const address = collector.address();
  assert.ok(typeof address === "object" && address);
  await runModule(
    `import { MosaicError } from "@mosaic/core";
    import { startTelemetry } from "./start-telemetry.ts";
    const tracer = await startTelemetry({ serviceName: "mosaic-test", env: process.env, attributes: { "mosaic.host": "alpha" } });
    const span = tracer.startSpan("work", { kind: "server", parent: "${traceparent}", attributes: { "mosaic.agent": "lead" } });
    span.addEvent("typed");
    span.end(new MosaicError("AGENT_NOT_FOUND", "a secret prompt"));
    span.end();
    await tracer.shutdown();`,
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${address.port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment=test%20bed",
    },
  );
  collector.close();
  assert.deepEqual(
    bodies.map((body) => body.url),
    ["/v1/traces"],
  );
  const [resourceSpans] = JSON.parse(bodies[0]?.json ?? "{}").resourceSpans;
  const resource = attributesOf(resourceSpans.resource.attributes);
  assert.deepEqual(
    [resource["service.name"], resource["mosaic.host"], resource["deployment.environment"]],
    ["mosaic-test", "alpha", "test bed"],
  );
  const [span]: ExportedSpan[] = resourceSpans.scopeSpans[0].spans;
  assert.deepEqual([span?.name, span?.traceId, span?.parentSpanId], ["work", traceId, spanId]);
  assert.deepEqual(
    [span?.status?.code, span?.status?.message, span?.events?.map((event) => event.name)],
    [2, "AGENT_NOT_FOUND", ["typed"]],
  );
  assert.doesNotMatch(bodies[0]?.json ?? "", /secret/);
});

describe("telemetry that nobody asked for", () => {
  const module = `import { registerHooks } from "node:module";
    const seen = [];
    registerHooks({ resolve(specifier, context, next) { const found = next(specifier, context); if (/opentelemetry/.test(found.url)) seen.push(found.url); return found; } });
    const { startTelemetry } = await import("@mosaic/rpc");
    const tracer = await startTelemetry({ serviceName: "x", env: process.env });
    const passedOn = tracer.startSpan("x", { parent: "${traceparent}" }).traceparent;
    await tracer.shutdown();
    console.log(JSON.stringify({ seen: seen.length, passedOn }));`;
  const run = async (env: Record<string, string>): Promise<{ seen: number; passedOn: string }> =>
    JSON.parse(await runModule(module, env));

  test("loads nothing of OpenTelemetry and passes traces on", { timeout: 30_000 }, async () => {
    for (const env of [
      {},
      { OTEL_SDK_DISABLED: "true", OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" },
      { OTEL_TRACES_EXPORTER: "none", OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" },
    ]) {
      assert.deepEqual(await run(env), { seen: 0, passedOn: traceparent }, JSON.stringify(env));
    }
  });

  test("is told from telemetry that was asked for", { timeout: 30_000 }, async () => {
    const { seen, passedOn } = await run({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" });
    assert.ok(seen > 0);
    assert.ok(passedOn.startsWith(`00-${traceId}-`) && passedOn !== traceparent);
  });
});
