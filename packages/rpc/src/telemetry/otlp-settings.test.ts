import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { silentLog } from "@mosaic/core";
import { readGrpcSettings } from "./grpc-settings.ts";
import { otlpProtocol, otlpTimeoutMs } from "./otlp-settings.ts";
import { isOtlpAsked } from "./signal-variables.ts";

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" };

describe("the standard's variables", () => {
  test("ask for a signal by its exporter or by an endpoint, and can switch it off", () => {
    const isAsked = (env: Record<string, string>) => (["TRACES", "METRICS"] as const).map((signal) => isOtlpAsked(env, signal));
    assert.deepEqual(isAsked({}), [false, false]);
    assert.deepEqual(isAsked(ENDPOINT), [true, true]);
    assert.deepEqual(isAsked({ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "http://127.0.0.1:9" }), [false, true]);
    assert.deepEqual(isAsked({ OTEL_TRACES_EXPORTER: "otlp" }), [true, false]);
    assert.deepEqual(isAsked({ ...ENDPOINT, OTEL_TRACES_EXPORTER: "none", OTEL_METRICS_EXPORTER: "prometheus, otlp" }), [
      false,
      true,
    ]);
    assert.deepEqual(isAsked({ ...ENDPOINT, OTEL_TRACES_EXPORTER: "console" }), [false, true], "what is not spoken is not sent");
    assert.deepEqual(isAsked({ ...ENDPOINT, OTEL_SDK_DISABLED: "TRUE" }), [false, false]);
    assert.deepEqual(isAsked({ ...ENDPOINT, OTEL_SDK_DISABLED: "1" }), [true, true], "the standard knows one word for it");
  });

  test("name a protocol for all signals or for one; what they name wrongly is told", () => {
    const warnings: string[] = [];
    const log = { ...silentLog, warn: (_: object, message: string) => void warnings.push(message) };
    const of = (env: Record<string, string>) =>
      (["TRACES", "METRICS"] as const).map((signal) => otlpProtocol({ env, log }, signal));
    assert.deepEqual(of({}), ["http/protobuf", "http/protobuf"]);
    assert.deepEqual(of({ OTEL_EXPORTER_OTLP_PROTOCOL: "http/json", OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "grpc" }), [
      "grpc",
      "http/json",
    ]);
    assert.deepEqual(warnings, []);
    assert.deepEqual(of({ OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "carrier-pigeon" }), ["http/protobuf", "http/protobuf"]);
    assert.match(warnings.join(), /is none of grpc, http\/protobuf, http\/json/);
  });

  test("name a time, and a program has its own limit", () => {
    const env = { OTEL_EXPORTER_OTLP_TIMEOUT: "8000", OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: "60000" };
    assert.deepEqual([otlpTimeoutMs({ env: {} }, "TRACES"), otlpTimeoutMs({ env }, "TRACES")], [1500, 8000]);
    assert.equal(otlpTimeoutMs({ env, maxExportMs: 1500 }, "TRACES"), 1500);
    assert.equal(otlpTimeoutMs({ env }, "METRICS"), 10_000);
    assert.equal(otlpTimeoutMs({ env: { OTEL_EXPORTER_OTLP_TIMEOUT: "soon" } }, "METRICS"), 1500);
  });
});

describe("what is said of gRPC", () => {
  const settings = (env: Record<string, string>, warnings: string[] = []) =>
    readGrpcSettings(
      { serviceName: "x", env, log: { warn: (_: object, message: string) => void warnings.push(message) } },
      "TRACES",
    );
  const at = (endpoint: string, more: Record<string, string> = {}) =>
    settings({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...more }).origin;

  test("an endpoint is an address: its path does not count, and without a scheme it is with TLS", () => {
    assert.equal(settings({}).origin, "http://localhost:4317");
    assert.equal(at("http://collector:4317/v1/traces"), "http://collector:4317");
    assert.equal(at("https://collector:4317"), "https://collector:4317");
    assert.equal(at("collector:4317"), "https://collector:4317");
    assert.equal(at("collector:4317", { OTEL_EXPORTER_OTLP_INSECURE: "true" }), "http://collector:4317");
    const warnings: string[] = [];
    assert.equal(settings({ OTEL_EXPORTER_OTLP_ENDPOINT: "unix:///run/otel" }, warnings).origin, "http://localhost:4317");
    assert.match(warnings.join(), /no http:\/\/ or https:\/\/ address/);
  });

  test("headers are pairs, percent-encoded; those of one signal go before", () => {
    const { headers } = settings({
      OTEL_EXPORTER_OTLP_HEADERS: "Authorization=Basic%20dTpw==, x-a = 1 ,broken,half=50%",
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: "X-A=2",
    });
    assert.deepEqual(headers, { authorization: "Basic dTpw==", "x-a": "2", half: "50%" });
  });

  test("a file that can't be read is told and fails nothing; without TLS none is read", () => {
    const warnings: string[] = [];
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector:4317", OTEL_EXPORTER_OTLP_CERTIFICATE: "/nowhere/ca.pem" };
    assert.deepEqual(settings(env, warnings).tls, {});
    assert.match(warnings.join(), /OTEL_EXPORTER_OTLP_CERTIFICATE names a file that can't be read/);
    assert.equal(settings({ ...env, OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4317" }).tls, undefined);
  });
});
