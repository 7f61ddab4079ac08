import { parseMapping } from "@mosaic/core/light";
import { AGGREGATOR_UNIT, type GatewayRole } from "@mosaic/lifecycle";

const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One thing that a daemon said. */
export interface LogLine {
  /** When, in ms since 1970; null: it did not say. */
  readonly time_unix_ms: number | null;
  readonly level: LogLevel;
  readonly daemon: GatewayRole;
  readonly message: string;
  /** What else it said, by name. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Reads a line of a daemon's log: its own JSON, or, when it died, whatever was written instead.
 *  @param atUnixMs when it was written down, for a line that says no time */
export function parseLogLine(text: string, daemon: GatewayRole, atUnixMs: number | null = null): LogLine {
  const said = parseMapping(text);
  // What is no JSON is a program's last words: a stack, or why it could not start.
  if (!said) return { time_unix_ms: atUnixMs, level: "error", daemon, message: text, fields: {} };
  const { level, time, role: _role, msg = "", ...fields } = said;
  return {
    time_unix_ms: typeof time === "number" ? time : atUnixMs,
    level: levelOf(level),
    daemon,
    message: typeof msg === "string" ? msg : JSON.stringify(msg),
    fields,
  };
}

/** Reads an entry as `journalctl --output=json` prints it; undefined for what is none. */
export function parseJournalEntry(text: string): LogLine | undefined {
  const entry = parseMapping(text);
  if (!entry) return undefined;
  // What systemd says of a unit names it otherwise than what the unit says itself.
  const { MESSAGE: message, __REALTIME_TIMESTAMP: micros, USER_UNIT: about, _SYSTEMD_USER_UNIT: unit = about } = entry;
  const daemon = about === AGGREGATOR_UNIT || unit === AGGREGATOR_UNIT ? "aggregator" : "node";
  const atUnixMs = Number.isFinite(Number(micros)) ? Math.floor(Number(micros) / 1000) : null;
  const line = parseLogLine(messageText(message), daemon, atUnixMs);
  // systemd's own words are no JSON either, and most of them are no trouble: "Started …".
  return about === undefined ? line : { ...line, level: levelOfPriority(entry["PRIORITY"]) };
}

/** Whether a line is of that level, or worse. */
export function isAtLeast({ level }: Pick<LogLine, "level">, least: LogLevel): boolean {
  return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(least);
}

// What is not UTF-8 comes as numbers.
function messageText(message: unknown): string {
  return Array.isArray(message) ? Buffer.from(message as number[]).toString("utf8") : String(message ?? "");
}

// As pino counts: 10 trace, 20 debug, 30 info, 40 warn, 50 error, 60 fatal.
function levelOf(level: unknown): LogLevel {
  if (typeof level !== "number") return "info";
  return level < 30 ? "debug" : level < 40 ? "info" : level < 50 ? "warn" : "error";
}

// As syslog counts: 3 is an error, 4 a warning, 7 for debugging.
function levelOfPriority(priority: unknown): LogLevel {
  const number = Number(priority ?? 6);
  return number <= 3 ? "error" : number === 4 ? "warn" : number === 7 ? "debug" : "info";
}
