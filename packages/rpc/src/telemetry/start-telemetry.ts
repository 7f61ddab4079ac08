import { passThroughTracer, type Tracer } from "@mosaic/core/light";
import type { TelemetryEnvironment, TelemetryOptions } from "./telemetry-options.ts";

/** True when the standard OTEL_* variables ask for traces. */
function isTelemetryOn(env: TelemetryEnvironment): boolean {
  if (env["OTEL_SDK_DISABLED"]?.toLowerCase() === "true") return false;
  const exporter = env["OTEL_TRACES_EXPORTER"];
  if (exporter !== undefined && exporter !== "") return exporter !== "none";
  return Boolean(env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] || env["OTEL_EXPORTER_OTLP_ENDPOINT"]);
}

/** Starts tracing when it is asked for; otherwise loads nothing and returns a tracer that only passes traces on. */
export async function startTelemetry(options: TelemetryOptions): Promise<Tracer> {
  if (!isTelemetryOn(options.env)) return passThroughTracer;
  const { createOtelTracer } = await import("./otel-tracer.ts");
  return createOtelTracer(options);
}
