import { ageText } from "../output/age-text.ts";
import { plainText, safeJson } from "../output/plain-text.ts";
import type { Style, Tone } from "../output/style.ts";
import type { FleetLogLine } from "./fleet-log-line.ts";
import type { LogLevel, LogLine } from "./log-line.ts";

/** Draws one line of a log: when, how bad, who, what, and what else was said. */
export function logText(line: LogLine, style: Style): string {
  return textOf(line, timeText(line), "", style);
}

/** Draws one line of a fleet's log: as {@link logText}, with its host. Where its clock can't be compared, how old it is instead of when.
 *  @param where the host as it is to be called */
export function fleetLogText(line: FleetLogLine, where: string, style: Style): string {
  const time = line.age_ms === null ? timeText(line) : `${shortAge(line.age_ms)} ago`;
  return textOf(line, time, `${style("strong", plainText(where))}  `, style);
}

// Lines of a log are told apart by less than a minute.
function shortAge(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)}s`;
  return ms < 3_600_000 ? `${Math.floor(ms / 60_000)}m ${Math.floor((ms % 60_000) / 1000)}s` : ageText(ms);
}

function timeText({ time_unix_ms: timeUnixMs }: LogLine): string {
  // A date can't be further away than that, and whoever said the time may say anything.
  return timeUnixMs === null || Math.abs(timeUnixMs) > MAX_TIME_MS ? "-" : new Date(timeUnixMs).toISOString();
}

function textOf({ level, daemon, message, fields }: LogLine, time: string, where: string, style: Style): string {
  const more = Object.entries(fields).map(([name, value]) => `${name}=${typeof value === "string" ? value : safeJson(value)}`);
  const words = plainText([message, ...more].join(" "));
  return `${style("faint", time.padEnd(24))}  ${style(TONES[level], level.padEnd(5))}  ${where}${daemon.padEnd(10)}  ${words}\n`;
}

const MAX_TIME_MS = 8.64e15;
const TONES: Readonly<Record<LogLevel, Tone>> = { debug: "faint", info: "good", warn: "attention", error: "bad" };
