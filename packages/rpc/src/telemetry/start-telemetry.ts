import { passThroughTracer, type Tracer } from "@mosaic/core/light";

export type TelemetryEnvironment = Readonly<Record<string, string | undefined>>;

export interface TelemetryOptions {
  /** `service.name` of what is traced, unless OTEL_SERVICE_NAME says otherwise. */
  readonly serviceName: string;
  readonly env: TelemetryEnvironment;
  /** Added to the resource: tenant, host, role. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** True when the standard OTEL_* variables ask for traces. */
export function isTelemetryOn(env: TelemetryEnvironment): boolean {
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
