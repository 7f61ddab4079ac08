import { create } from "@bufbuild/protobuf";
import { type LogField, LogFieldSchema, LogLevel, type LogLine, LogLineSchema } from "@mosaic/wire";
import { parseMapping } from "../text/json-values.ts";

/** Reads a line of a daemon's log as it was written: its own JSON, or, when it died, whatever was written instead.
 *  @param atUnixMs when it was written down, for a line that says no time; 0: nobody knows
 *  @param levelOfOthers how bad what is no line of a daemon's own is. Default: a program's last words are errors */
export function toLogLine(text: string, atUnixMs = 0, levelOfOthers: LogLevel = LogLevel.ERROR): LogLine {
  const said = parseOwn(text);
  if (!said) return create(LogLineSchema, { timeUnixMs: BigInt(atUnixMs), level: levelOfOthers, message: text });
  const { level, time, role: _role, msg = "", ...fields } = said;
  return create(LogLineSchema, {
    timeUnixMs: BigInt(typeof time === "number" && Number.isSafeInteger(time) ? time : atUnixMs),
    level: levelOf(level),
    message: typeof msg === "string" ? msg : JSON.stringify(msg),
    fields: Object.entries(fields).map(([name, value]) => toField(name, value)),
  });
}

/** Which daemon wrote a line, as far as it says; undefined for what is none of a daemon's own. */
export function roleOfLine(text: string): string | undefined {
  const role = parseOwn(text)?.["role"];
  return typeof role === "string" ? role : undefined;
}

/** Whether a line is as bad as that, or worse. */
export function isAtLeast({ level }: Pick<LogLine, "level">, least: LogLevel): boolean {
  return level >= least;
}

// As pino counts: 10 trace, 20 debug, 30 info, 40 warn, 50 error, 60 fatal.
function levelOf(level: unknown): LogLevel {
  if (typeof level !== "number") return LogLevel.INFO;
  if (level < 30) return LogLevel.DEBUG;
  if (level < 40) return LogLevel.INFO;
  return level < 50 ? LogLevel.WARN : LogLevel.ERROR;
}

function toField(name: string, value: unknown): LogField {
  if (typeof value === "number") return create(LogFieldSchema, { name, value: { case: "number", value } });
  if (typeof value === "boolean") return create(LogFieldSchema, { name, value: { case: "flag", value } });
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return create(LogFieldSchema, { name, value: { case: "text", value: text } });
}

// Most of what is none of a daemon's own is seen to be so by its first character.
function parseOwn(text: string): Record<string, unknown> | undefined {
  return text.startsWith("{") ? parseMapping(text) : undefined;
}
