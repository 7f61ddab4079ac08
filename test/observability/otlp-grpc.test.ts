/** OTLP over gRPC, into a collector of gRPC's own library with OpenTelemetry's own contract; and what a collector costs that is not
 *  there, or does not answer. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type LogFields, silentLog } from "@mosaic/core";
import { eventually } from "@mosaic/testkit";
import { startMetrics } from "../../packages/rpc/src/metrics/start-metrics.ts";
import { grpcExporterTransport } from "../../packages/rpc/src/telemetry/grpc-exporter-transport.ts";
import { readGrpcSettings } from "../../packages/rpc/src/telemetry/grpc-settings.ts";
import { startTelemetry } from "../../packages/rpc/src/telemetry/start-telemetry.ts";
import { daemonHome, quietRoster } from "../mesh/daemon-home.ts";
import { tellAll } from "../mesh/tell-all.ts";
import { freePort } from "./free-port.ts";
import { writeServerCertificate } from "./server-certificate.ts";
import { type CollectedRequest, startGrpcCollector, whyNoGrpcCollector } from "./start-grpc-collector.ts";

const skip = whyNoGrpcCollector();
const PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const CANARY = "cAnArY-of-a-prompt";

const grpcTo = (port: number, more: Record<string, string> = {}) => ({
  ...{ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc", ...more },
});

/** Makes one span and sends it. @returns what was told of it */
async function sendSpan(env: Record<string, string>): Promise<{ readonly warnings: LogFields[]; readonly tookMs: number }> {
  const warnings: LogFields[] = [];
  const log = { ...silentLog, warn: (fields: LogFields) => void warnings.push(fields) };
  const tracer = await startTelemetry({ serviceName: "mosaic-test", env, attributes: { "mosaic.host": "alpha" }, log });
  const span = tracer.startSpan("work", { kind: "server", parent: PARENT, attributes: { "mosaic.agent": "lead" } });
  span.addEvent("typed");
  span.end(new Error(CANARY));
  const startedMs = performance.now();
  await tracer.shutdown();
  return { warnings, tookMs: performance.now() - startedMs };
}

const idIn = (base64: string) => Buffer.from(base64, "base64").toString("hex");
const attributesOf = (list: CollectedRequest["request"]): Record<string, string> =>
  Object.fromEntries(list.map(({ key, value }: { key: string; value: { stringValue: string } }) => [key, value.stringValue]));

test("spans and metrics go over gRPC, with the header that is asked for", { skip, timeout: 60_000 }, async () => {
  await using collector = await startGrpcCollector();
  const env = grpcTo(collector.port, {
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20t,x-both=all",
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: "X-Both=traces",
    OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: "gzip",
  });
  assert.deepEqual((await sendSpan(env)).warnings, []);
  const metrics = await startMetrics({ serviceName: "mosaic-test", env, listen: undefined, log: silentLog });
  metrics?.read("mosaic_hosts", () => [{ labels: { state: "LIVE" }, value: 7 }]);
  await metrics?.[Symbol.asyncDispose]();

  // It tells of a request while it answers.
  await eventually("both were told", () => collector.requests().length > 1);
  const [traces, measured, ...others] = collector.requests();
  assert.deepEqual([traces?.signal, measured?.signal, others.length], ["traces", "metrics", 0]);
  assert.deepEqual([traces?.metadata["authorization"], traces?.metadata["x-both"]], ["Bearer t", "traces"]);
  assert.deepEqual([measured?.metadata["authorization"], measured?.metadata["x-both"]], ["Bearer t", "all"]);
  const { resource, scopeSpans } = traces?.request.resourceSpans[0] ?? {};
  assert.deepEqual(attributesOf(resource.attributes), { "service.name": "mosaic-test", "mosaic.host": "alpha" });
  const [span] = scopeSpans[0].spans;
  assert.deepEqual(
    [span.name, span.kind, idIn(span.traceId), idIn(span.parentSpanId)],
    ["work", "SPAN_KIND_SERVER", ...PARENT.split("-").slice(1, 3)],
  );
  assert.deepEqual([span.status.code, span.events[0].name], ["STATUS_CODE_ERROR", "typed"]);
  assert.doesNotMatch(JSON.stringify(traces), /canary/i, "what an error quotes is in no span");
  const all = measured?.request.resourceMetrics[0].scopeMetrics[0].metrics as {
    name: string;
    gauge?: CollectedRequest["request"];
  }[];
  assert.equal(all.find(({ name }) => name === "mosaic_hosts")?.gauge?.dataPoints[0].asDouble, 7);
  assert.ok((measured?.size ?? 0) > 4096, "large enough to be compressed");
});

test("what fails for a moment is sent again; who is refused is told so, and asks no second time", {
  skip,
  timeout: 60_000,
}, async () => {
  await using collector = await startGrpcCollector();
  const passing = await sendSpan(grpcTo(collector.port, { OTEL_EXPORTER_OTLP_HEADERS: "x-test=fail-once" }));
  await eventually("both tries were told", () => collector.requests().length === 2);
  assert.deepEqual(passing.warnings, []);
  const { warnings } = await sendSpan(grpcTo(collector.port, { OTEL_EXPORTER_OTLP_HEADERS: "x-test=refuse" }));
  await eventually("the third request was told", () => collector.requests().length === 3);
  assert.match(String(warnings[0]?.["error"]), /not you/);
});

test("TLS is by the standard's files, and a collector that is not believed gets nothing", { skip, timeout: 60_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "mosaic-otlp-"));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true }));
  const files = await writeServerCertificate(folder);
  const collector = stack.use(await startGrpcCollector(files));
  const endpoint = {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `127.0.0.1:${collector.port}`,
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "grpc",
  };
  const own = { OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: files.cert, OTEL_EXPORTER_OTLP_CLIENT_KEY: files.key };
  for (const env of [
    { ...endpoint, ...own },
    { ...endpoint, OTEL_EXPORTER_OTLP_CERTIFICATE: files.cert },
  ]) {
    const { warnings } = await sendSpan(env);
    assert.deepEqual([warnings.length, collector.requests().length], [1, 0], JSON.stringify(warnings));
  }
  const believed = await sendSpan({ ...endpoint, ...own, OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: files.cert });
  await eventually("the request was told", () => collector.requests().length === 1);
  assert.deepEqual(believed.warnings, []);
});

test(
  "a daemon and a command send over gRPC as they are shipped",
  { skip, timeout: 60_000 },
  tellAll(async () => {
    await using collector = await startGrpcCollector();
    await using home = await daemonHome({ env: grpcTo(collector.port) });
    await home.write("fleet/roster.yaml", quietRoster("alpha", ["lead"]));
    const node = await home.serves("node");
    const asked = await home.mosaic("fleet", "ps");
    assert.equal(asked.exitCode, 0, asked.stderr);
    node.kill("SIGTERM");
    const { stderr } = await node.ended;
    assert.doesNotMatch(stderr, /can't be sent/);
    const services = (signal: string) =>
      collector
        .requests()
        .filter((request) => request.signal === signal)
        .flatMap(({ request }) => request.resourceSpans ?? request.resourceMetrics)
        .map(({ resource }) => attributesOf(resource.attributes)["service.name"]);
    await eventually("all was told", () => services("metrics").length > 0 && new Set(services("traces")).size > 1);
    assert.deepEqual(new Set(services("traces")), new Set(["mosaic", "mosaic-node"]));
    assert.deepEqual(new Set(services("metrics")), new Set(["mosaic-node"]));
  }),
);

test("where nothing is said it is protobuf over HTTP, the very message that goes over gRPC", {
  skip,
  timeout: 60_000,
}, async () => {
  await using collector = await startGrpcCollector();
  const bodies: { readonly is: string; readonly bytes: Buffer }[] = [];
  const http = createHttpServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    bodies.push({ is: `${request.method} ${request.url} ${request.headers["content-type"]}`, bytes: Buffer.concat(pieces) });
    response.writeHead(200, { "content-type": "application/x-protobuf" }).end();
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const address = http.address();
  assert.ok(typeof address === "object" && address);
  await using home = await daemonHome({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${address.port}` } });
  const end = await home.mosaic("version");
  http.close();
  assert.equal(end.exitCode, 0, end.stderr);
  assert.deepEqual(
    bodies.map((body) => body.is),
    ["POST /v1/traces application/x-protobuf"],
  );
  const settings = readGrpcSettings({ serviceName: "x", env: grpcTo(collector.port) }, "TRACES");
  const transport = grpcExporterTransport(settings, "TRACES");
  assert.equal((await transport.send(bodies[0]?.bytes ?? Buffer.of(), 5000)).status, "success");
  transport.shutdown();
  const [told] = await eventually("it was told", () => collector.requests().length > 0 && collector.requests());
  assert.equal(told?.request.resourceSpans[0].scopeSpans[0].spans[0].name, "mosaic version");
});

test("a collector that is down, or says nothing, costs a command its limit at most", { timeout: 60_000 }, async () => {
  // Takes connections, and never says a word.
  const mute = createServer((socket) => void socket.on("error", () => {}));
  await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
  const address = mute.address();
  assert.ok(typeof address === "object" && address);
  const cost = async (port: number, protocol: string) => {
    // Ten seconds would be too long for a command, whatever is asked for.
    const more = { OTEL_EXPORTER_OTLP_PROTOCOL: protocol, OTEL_EXPORTER_OTLP_TIMEOUT: "10000" };
    await using home = await daemonHome({ env: grpcTo(port, more) });
    const end = await home.mosaic("version");
    assert.deepEqual([end.exitCode, end.stderr], [0, ""]);
    assert.ok(end.durationMs < 8000, `${protocol} took ${end.durationMs} ms`);
  };
  try {
    const ports = [await freePort(), address.port];
    await Promise.all(ports.flatMap((port) => ["grpc", "http/protobuf", "http/json"].map((each) => cost(port, each))));
  } finally {
    mute.close();
  }
});

test("a collector that takes for ever does not hold its daemon up", { skip, timeout: 60_000 }, async () => {
  await using collector = await startGrpcCollector();
  const sent = sendSpan(
    grpcTo(collector.port, { OTEL_EXPORTER_OTLP_HEADERS: "x-test=hang", OTEL_EXPORTER_OTLP_TIMEOUT: "10000" }),
  );
  await eventually("the request came", () => collector.requests().length > 0);
  const { tookMs } = await sent;
  assert.ok(tookMs < 6000, `took ${tookMs} ms`);
});
