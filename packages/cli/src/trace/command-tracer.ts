import { MosaicError, passThroughTracer, type Tracer } from "@mosaic/core/light";
import type { Io } from "../io/io.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Starts telemetry when the environment asks for traces; otherwise loads nothing, and traces only pass through. */
async function startCommandTracer(env: Env): Promise<Tracer> {
  if (!isTraceWanted(env)) return passThroughTracer;
  const { startTelemetry } = await import("./telemetry.ts");
  return await startTelemetry({ serviceName: "mosaic", env, maxExportMs: MAX_EXPORT_MS });
}

/** Longest that a collector may hold up the end of a command, in ms, whatever the environment says. */
const MAX_EXPORT_MS = 1500;

/** Runs a command as one span; TRACEPARENT in the environment is its parent. What was recorded is sent before it returns. */
export async function traceCommand(
  name: string,
  io: Io,
  work: (trace: { tracer: Tracer; traceparent: string | undefined }) => Promise<number>,
): Promise<number> {
  const tracer = await startCommandTracer(io.env);
  const span = tracer.startSpan(`mosaic ${name}`, { parent: io.env["TRACEPARENT"], attributes: { "mosaic.command": name } });
  try {
    const exitCode = await work({ tracer, traceparent: span.traceparent });
    span.setAttribute("process.exit.code", exitCode);
    span.end();
    return exitCode;
  } catch (thrown) {
    span.setAttribute("process.exit.code", MosaicError.from(thrown).exitCode);
    span.end(thrown);
    throw thrown;
  } finally {
    await tracer.shutdown();
  }
}

function isTraceWanted(env: Env): boolean {
  if (env["OTEL_SDK_DISABLED"]?.toLowerCase() === "true") return false;
  return TRIGGERS.some((name) => (env[name] ?? "") !== "");
}

/** Any of these may ask for traces; whether it really does is for the telemetry itself to judge. */
const TRIGGERS = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_TRACES_EXPORTER"];
