import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { silentLog } from "@mosaic/core";
import { type Endpoint, formatEndpoint, parseEndpoint } from "../endpoint.ts";
import { METRICS } from "./metric-catalogue.ts";
import { startMetrics } from "./start-metrics.ts";

const anywhere = parseEndpoint("127.0.0.1:0");
const open = (listen: Endpoint | undefined, env: Record<string, string> = {}) =>
  startMetrics({ serviceName: "mosaic-test", env, attributes: { "mosaic.host": "alpha" }, listen, log: silentLog });

describe("metrics that can be read", () => {
  test("are shown in Prometheus' text format: what was counted, measured and read", async () => {
    await using metrics = await open(anywhere);
    assert.ok(metrics?.endpoint);
    metrics.count("mosaic_rpc_handled_total", { method: "List", code: "OK" });
    metrics.count("mosaic_rpc_handled_total", { method: "List", code: "OK" }, 2);
    metrics.observe("mosaic_rpc_duration_seconds", { method: "List" }, 0.02);
    let hosts = [{ labels: { tenant: "t", host: "alpha", state: "LIVE" }, value: 1 }];
    metrics.read("mosaic_host_state", () => hosts);
    const read = async () => (await (await fetch(`${formatEndpoint(metrics.endpoint as Endpoint)}/metrics`)).text()).split("\n");
    const lines = await read();
    assert.ok(lines.includes('mosaic_rpc_handled_total{method="List",code="OK"} 3'));
    assert.ok(lines.includes('mosaic_rpc_duration_seconds_bucket{le="0.025",method="List"} 1'));
    assert.ok(lines.includes('mosaic_host_state{tenant="t",host="alpha",state="LIVE"} 1'));
    for (const name of ["process_resident_memory_bytes", "nodejs_eventloop_lag_p99_seconds"]) {
      assert.ok(
        lines.some((line) => line.startsWith(`${name} `)),
        name,
      );
    }
    for (const name of Object.keys(METRICS))
      assert.ok(
        lines.some((line) => line.startsWith(`# HELP ${name} `)),
        name,
      );
    hosts = [];
    assert.ok(!(await read()).some((line) => line.startsWith("mosaic_host_state{")), "a host that is gone leaves no value");
  });

  test("are shown at one path, to those who name a loopback address, on a loopback address", async () => {
    await using metrics = await open(anywhere);
    const url = formatEndpoint(metrics?.endpoint as Endpoint);
    assert.equal((await fetch(`${url}/`)).status, 404);
    assert.equal((await fetch(`${url}/metrics`, { method: "POST" })).status, 405);
    assert.equal((await fetch(`${url}/metrics`, { method: "HEAD" })).status, 200);
    assert.equal(await statusFor(url, "metrics.example.org"), 403);
    await assert.rejects(open({ kind: "tls", hostname: "0.0.0.0", port: 0 }), { code: "NOT_ALLOWED" });
    await assert.rejects(open(metrics?.endpoint), { code: "ALREADY_RUNNING" });
  });
});

/** The status for a request that names its server so, as a rebound name in a browser would. */
async function statusFor(url: string, host: string): Promise<number | undefined> {
  const { get } = await import("node:http");
  const request = get(`${url}/metrics`, { headers: { host } });
  const [response] = await once(request, "response");
  response.resume();
  return response.statusCode;
}

interface Point {
  readonly asDouble?: number;
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
  readonly bucketCounts?: readonly (number | string)[];
  readonly explicitBounds?: readonly number[];
  readonly count?: number | string;
}

interface SentMetric {
  readonly name: string;
  readonly unit?: string;
  readonly sum?: { readonly isMonotonic: boolean; readonly dataPoints: readonly Point[] };
  readonly gauge?: { readonly dataPoints: readonly Point[] };
  readonly histogram?: { readonly dataPoints: readonly Point[] };
}

describe("metrics that are sent", () => {
  test("go to a collector with the process they are of, the last ones when it ends", { timeout: 60_000 }, async () => {
    const bodies: { readonly url: string | undefined; readonly json: string }[] = [];
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
    // A process of its own, because the exporter reads the environment of the process.
    await runModule(
      `import { startMetrics } from "./start-metrics.ts";
      const log = { debug() {}, info() {}, warn() {}, error() {} };
      const metrics = await startMetrics({ serviceName: "mosaic-test", env: process.env, listen: undefined, log });
      metrics.count("mosaic_rpc_handled_total", { method: "List", code: "OK" }, 3);
      metrics.observe("mosaic_rpc_duration_seconds", { method: "List" }, 0.02);
      metrics.observe("mosaic_rpc_duration_seconds", { method: "List" }, 100);
      metrics.read("mosaic_hosts", () => [{ labels: { state: "LIVE" }, value: 7 }]);
      await metrics[Symbol.asyncDispose]();`,
      {
        ...{ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${address.port}`, OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" },
        OTEL_RESOURCE_ATTRIBUTES: "team=b",
      },
    );
    collector.close();
    assert.deepEqual(
      bodies.map(({ url }) => url),
      ["/v1/metrics"],
    );
    const [sent] = JSON.parse(bodies[0]?.json ?? "{}").resourceMetrics;
    const resource = Object.fromEntries(
      sent.resource.attributes.map(({ key, value }: Point["attributes"][number]) => [key, value.stringValue]),
    );
    assert.deepEqual([resource["service.name"], resource["team"]], ["mosaic-test", "b"]);
    const metrics = new Map((sent.scopeMetrics[0].metrics as SentMetric[]).map((metric) => [metric.name, metric]));
    const { sum } = metrics.get("mosaic_rpc_handled_total") ?? {};
    assert.deepEqual([sum?.isMonotonic, sum?.dataPoints[0]?.asDouble], [true, 3]);
    assert.equal(metrics.get("mosaic_hosts")?.gauge?.dataPoints[0]?.asDouble, 7);
    const histogram = metrics.get("mosaic_rpc_duration_seconds");
    const [point] = histogram?.histogram?.dataPoints ?? [];
    assert.equal(histogram?.unit, "s");
    assert.deepEqual(point?.explicitBounds, [...METRICS.mosaic_rpc_duration_seconds.buckets]);
    assert.deepEqual(point?.bucketCounts?.map(Number), [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    assert.ok((metrics.get("process_resident_memory_bytes")?.gauge?.dataPoints[0]?.asDouble ?? 0) > 1e6);
  });
});

/** Runs a module of its own in this folder. */
async function runModule(source: string, env: Record<string, string>): Promise<string> {
  const options = { env: { PATH: process.env["PATH"] ?? "", ...env }, cwd: import.meta.dirname, timeout: 60_000 };
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", source], options);
  return stdout;
}

describe("what is loaded", () => {
  const elsewhere = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" };
  const loaded = async (ways: readonly { env: Record<string, string>; listen?: Endpoint }[]): Promise<object[]> => {
    const told = await runModule(
      `import { registerHooks } from "node:module";
      const seen = [];
      const note = (found) => { if (/opentelemetry|prom-client/.test(found.url)) seen.push(found.url); return found; };
      registerHooks({ resolve: (specifier, context, next) => note(next(specifier, context)) });
      const { startMetrics } = await import("./start-metrics.ts");
      const log = { debug() {}, info() {}, warn() {}, error() {} };
      const told = [];
      for (const way of ${JSON.stringify(ways)}) {
        const metrics = await startMetrics({ serviceName: "x", log, ...way });
        await metrics?.[Symbol.asyncDispose]();
        const has = (name) => seen.some((url) => url.includes(name));
        told.push({ isOn: metrics !== undefined, prometheus: has("prom-client"), otlp: has("otlp") });
      }
      console.log(JSON.stringify(told));`,
      {},
    );
    return JSON.parse(told);
  };

  test("is nothing when nobody asked", { timeout: 60_000 }, async () => {
    const ways = [{}, { ...elsewhere, OTEL_SDK_DISABLED: "true" }, { ...elsewhere, OTEL_METRICS_EXPORTER: "none" }];
    const nothing = { isOn: false, prometheus: false, otlp: false };
    assert.deepEqual(await loaded(ways.map((env) => ({ env }))), [nothing, nothing, nothing]);
  });

  test("is what is needed, and a collector that is down keeps nothing from ending", { timeout: 60_000 }, async () => {
    assert.deepEqual(await loaded([{ env: {}, listen: anywhere }, { env: elsewhere }]), [
      { isOn: true, prometheus: true, otlp: false },
      { isOn: true, prometheus: true, otlp: true },
    ]);
  });
});
