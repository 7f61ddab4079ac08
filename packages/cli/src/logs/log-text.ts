import { plainText, safeJson } from "../output/plain-text.ts";
import type { Style, Tone } from "../output/style.ts";
import type { LogLevel, LogLine } from "./log-line.ts";

/** Draws one line of a log: when, how bad, who, what, and what else was said. */
export function logText({ time_unix_ms, level, daemon, message, fields }: LogLine, style: Style): string {
  const time = time_unix_ms === null ? "-".padEnd(24) : new Date(time_unix_ms).toISOString();
  const more = Object.entries(fields).map(([name, value]) => `${name}=${typeof value === "string" ? value : safeJson(value)}`);
  const words = [message, ...more].join(" ");
  return `${style("faint", time)}  ${style(TONES[level], level.padEnd(5))}  ${daemon.padEnd(10)}  ${plainText(words)}\n`;
}

const TONES: Readonly<Record<LogLevel, Tone>> = { debug: "faint", info: "good", warn: "attention", error: "bad" };
