import { type OtlpSignal, otlpVariable } from "./signal-variables.ts";
import type { TelemetryOptions } from "./telemetry-options.ts";

/** What OTLP is carried over. */
export type OtlpProtocol = "grpc" | "http/protobuf" | "http/json";
/** What the standard says where nothing is said. */
const DEFAULT_PROTOCOL = "http/protobuf";
const PROTOCOLS: readonly string[] = ["grpc", "http/protobuf", "http/json"] satisfies OtlpProtocol[];
/** How long one sending may take, with its retries, in ms, unless OTEL_EXPORTER_OTLP_TIMEOUT says otherwise: less than the standard's
 *  10 s, because what still retries would keep a program from ending. */
const TIMEOUT_MS = 1500;
/** Longest that is taken from the environment, in ms. */
const LONGEST_TIMEOUT_MS = 10_000;

/** What a signal is carried over. One that is not known is told, and the default is taken, as the standard asks. */
export function otlpProtocol({ env, log }: Pick<TelemetryOptions, "env" | "log">, signal: OtlpSignal): OtlpProtocol {
  const named = otlpVariable(env, signal, "PROTOCOL") ?? DEFAULT_PROTOCOL;
  if (isProtocol(named)) return named;
  log?.warn({ protocol: named }, `OTEL_EXPORTER_OTLP_PROTOCOL is none of ${PROTOCOLS.join(", ")}: ${DEFAULT_PROTOCOL} is taken`);
  return DEFAULT_PROTOCOL;
}

/** How long one sending of a signal may take, with its retries, in ms. */
export function otlpTimeoutMs({ env, maxExportMs }: Pick<TelemetryOptions, "env" | "maxExportMs">, signal: OtlpSignal): number {
  const named = Number(otlpVariable(env, signal, "TIMEOUT"));
  return Math.min(named > 0 ? named : TIMEOUT_MS, maxExportMs ?? LONGEST_TIMEOUT_MS);
}

function isProtocol(name: string): name is OtlpProtocol {
  return PROTOCOLS.includes(name);
}
