import { passThroughTracer, type Tracer } from "@mosaic/core/light";
import { isOtlpAsked } from "./signal-variables.ts";
import type { TelemetryOptions } from "./telemetry-options.ts";

/** Starts tracing when the standard OTEL_* variables ask for it; otherwise loads nothing and returns a tracer that only passes
 *  traces on. */
export async function startTelemetry(options: TelemetryOptions): Promise<Tracer> {
  if (!isOtlpAsked(options.env, "TRACES")) return passThroughTracer;
  const { openOtelTracer } = await import("./otel-tracer.ts");
  return await openOtelTracer(options);
}
