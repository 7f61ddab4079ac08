import type { TelemetryEnvironment } from "../telemetry/telemetry-options.ts";
import type { Metrics } from "./metrics.ts";
import { assertLoopback } from "./metrics-endpoint.ts";
import type { MetricsOptions } from "./metrics-options.ts";

/** True when the standard OTEL_* variables ask for metrics to be sent. */
function isSendingAsked(env: TelemetryEnvironment): boolean {
  if (env["OTEL_SDK_DISABLED"]?.toLowerCase() === "true") return false;
  const exporter = env["OTEL_METRICS_EXPORTER"];
  if (exporter !== undefined && exporter !== "") return exporter === "otlp";
  return Boolean(env["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"] || env["OTEL_EXPORTER_OTLP_ENDPOINT"]);
}

/** Starts metrics when a place to read them is named, or the standard variables say where to send them; otherwise loads nothing.
 *  @throws MosaicError NOT_ALLOWED for an address off loopback, ALREADY_RUNNING when it is taken */
export async function startMetrics(options: MetricsOptions): Promise<Metrics | undefined> {
  const isSent = isSendingAsked(options.env);
  if (isSent) warnOfGrpc(options);
  if (options.listen === undefined && !isSent) return undefined;
  if (options.listen) assertLoopback(options.listen);
  const { openMetrics } = await import("./prometheus-metrics.ts");
  return await openMetrics(options, isSent);
}

// Whoever asks for gRPC names the port of that, where nobody understands us, and nothing else would say so.
function warnOfGrpc({ env, log }: MetricsOptions): void {
  const protocol = env["OTEL_EXPORTER_OTLP_PROTOCOL"] ?? "";
  if (!protocol.startsWith("grpc")) return;
  log.warn(
    { protocol },
    "OTLP is sent over HTTP: OTEL_EXPORTER_OTLP_ENDPOINT has to name the collector's port for that, often 4318",
  );
}
