import type { TelemetryEnvironment } from "./telemetry-options.ts";

/** What is sent, as the standard variables name it. */
export type OtlpSignal = "TRACES" | "METRICS";

/** The value of `OTEL_EXPORTER_OTLP_<signal>_<name>`, or of `OTEL_EXPORTER_OTLP_<name>`; undefined where both are empty. */
export function otlpVariable(env: TelemetryEnvironment, signal: OtlpSignal, name: string): string | undefined {
  return env[`OTEL_EXPORTER_OTLP_${signal}_${name}`]?.trim() || env[`OTEL_EXPORTER_OTLP_${name}`]?.trim() || undefined;
}

/** True when the standard variables ask for a signal to be sent over OTLP. */
export function isOtlpAsked(env: TelemetryEnvironment, signal: OtlpSignal): boolean {
  if (env["OTEL_SDK_DISABLED"]?.trim().toLowerCase() === "true") return false;
  const exporters = env[`OTEL_${signal}_EXPORTER`]?.trim();
  if (exporters) return exporters.split(",").some((name) => name.trim() === "otlp");
  return otlpVariable(env, signal, "ENDPOINT") !== undefined;
}
