import { DiagLogLevel, diag } from "@opentelemetry/api";
import type { TelemetryOptions } from "./telemetry-options.ts";

/** How long nothing more is told after a problem, in ms: a collector that is down fails with every batch. */
const QUIET_MS = 60_000;

/** Tells what the libraries have to say of sending, now and then. Without a log they say it to nobody.
 *  @returns what tells of a failure that they hand out instead */
export function tellProblems(log: TelemetryOptions["log"]): (thrown: unknown) => void {
  if (!log) return () => {};
  let quietUntilMs = 0;
  let untold = 0;
  const tell = (text: string) => {
    untold += 1;
    if (performance.now() < quietUntilMs) return;
    quietUntilMs = performance.now() + QUIET_MS;
    log.warn({ error: messageIn(text), times: untold }, "telemetry can't be sent");
    untold = 0;
  };
  const logger = { error: tell, warn: tell, info() {}, debug() {}, verbose() {} };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  return (thrown) => tell(thrown instanceof Error ? thrown.message || thrown.name : String(thrown));
}

// An error comes as JSON, with its stack.
function messageIn(text: string): string {
  try {
    const { message, code } = JSON.parse(text) as { readonly message?: string; readonly code?: string };
    return String(message || code || text).slice(0, 300);
  } catch {
    return text.slice(0, 300);
  }
}
