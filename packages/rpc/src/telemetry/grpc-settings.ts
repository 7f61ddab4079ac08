import { readFileSync } from "node:fs";
import type { SecureClientSessionOptions } from "node:http2";
import { otlpTimeoutMs } from "./otlp-settings.ts";
import { type OtlpSignal, otlpVariable } from "./signal-variables.ts";
import type { TelemetryEnvironment, TelemetryOptions } from "./telemetry-options.ts";

/** Where and how a signal is sent over gRPC. */
export interface GrpcSettings {
  /** `http://host:port` or `https://host:port`. */
  readonly origin: string;
  /** Sent with each call: names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: no TLS. */
  readonly tls: SecureClientSessionOptions | undefined;
  readonly isCompressed: boolean;
  /** How long one sending may take with its retries, in ms. */
  readonly timeoutMs: number;
}

const DEFAULT_ENDPOINT = "http://localhost:4317";

/** Reads what the standard variables say of gRPC. What can't be used is told, and nothing fails by it. */
export function readGrpcSettings(options: TelemetryOptions, signal: OtlpSignal): GrpcSettings {
  const origin = originOf(options, signal);
  return {
    origin,
    headers: {
      ...headersIn(options.env["OTEL_EXPORTER_OTLP_HEADERS"]),
      ...headersIn(options.env[`OTEL_EXPORTER_OTLP_${signal}_HEADERS`]),
    },
    tls: origin.startsWith("https:") ? tlsOf(options, signal) : undefined,
    isCompressed: otlpVariable(options.env, signal, "COMPRESSION") === "gzip",
    timeoutMs: otlpTimeoutMs(options, signal),
  };
}

// gRPC has one path for each method: that of an endpoint does not count. One without a scheme is with TLS, unless it is said otherwise.
function originOf({ env, log }: TelemetryOptions, signal: OtlpSignal): string {
  const named = otlpVariable(env, signal, "ENDPOINT") ?? DEFAULT_ENDPOINT;
  const scheme = otlpVariable(env, signal, "INSECURE")?.toLowerCase() === "true" ? "http" : "https";
  const text = /^[a-z]+:\/\//i.test(named) ? named : `${scheme}://${named}`;
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return new URL(text).origin;
  log?.warn({ endpoint: named }, `OTEL_EXPORTER_OTLP_ENDPOINT is no http:// or https:// address: ${DEFAULT_ENDPOINT} is taken`);
  return DEFAULT_ENDPOINT;
}

function tlsOf(options: TelemetryOptions, signal: OtlpSignal): SecureClientSessionOptions {
  const files = { ca: "CERTIFICATE", cert: "CLIENT_CERTIFICATE", key: "CLIENT_KEY" };
  return Object.fromEntries(
    Object.entries(files).flatMap(([name, variable]) => {
      const path = otlpVariable(options.env, signal, variable);
      const text = path === undefined ? undefined : contentOf(path, `OTEL_EXPORTER_OTLP_${variable}`, options.log);
      return text === undefined ? [] : [[name, text]];
    }),
  );
}

// Read once, at the start, as the library does for HTTP.
function contentOf(path: string, variable: string, log: TelemetryOptions["log"]): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (thrown) {
    log?.warn({ path, error: String(thrown) }, `${variable} names a file that can't be read: it is as if nothing was said`);
    return undefined;
  }
}

/** `key=value` pairs, percent-encoded, with commas between; what can't be read is left out. */
function headersIn(text: TelemetryEnvironment[string]): Record<string, string> {
  return Object.fromEntries(
    (text ?? "").split(",").flatMap((pair) => {
      const [, name = "", value = ""] = /^\s*([\w.-]+)\s*=(.*)$/.exec(pair) ?? [];
      return name === "" ? [] : [[name.toLowerCase(), decoded(value.trim())]];
    }),
  );
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    // A bare percent sign is what somebody meant.
    return value;
  }
}
