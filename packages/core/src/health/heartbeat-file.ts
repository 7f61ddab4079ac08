import { formatIsoTime, parseIsoTime } from "./iso-time.ts";

/** A heartbeat file, version 1: what an agent's runtime, or a sidecar for it, says of itself. */
export interface HeartbeatFile {
  /** When it was made, in ms since 1970 by the writer's clock. */
  readonly atUnixMs: number;
  /** The writer's process id. */
  readonly pid: number;
  /** `ok`: alive and not in a turn. `busy`: in a turn. */
  readonly status: "ok" | "busy";
  /** The interval the writer promises. Absent: not said, the default holds. */
  readonly intervalMs?: number | undefined;
  /** Who wrote it: the runtime itself, or a sidecar that only knows that the process lives. Absent: not said. */
  readonly writer?: "sidecar" | "runtime" | undefined;
}

// A heartbeat is five short lines. What is longer was not written by anyone who follows the protocol.
const MAX_LENGTH = 16_384;
const MAX_PID = 2 ** 31 - 1;
const MAX_INTERVAL_MS = 3_600_000;

/** Reads a heartbeat file: `key=value` lines in any order, of which `ts`, `pid` and `status` are required.
 *  Unknown keys are ignored, and so are `interval` (seconds) and `writer` with values that are not ours.
 *  @returns undefined for a torn or malformed file: a required key missing, repeated or wrong, a line without `=`, or a
 *  number at the very end without its line's end, since that may be cut short (`pid=12` of `pid=1234`). Never throws. */
export function parseHeartbeatFile(text: string): HeartbeatFile | undefined {
  const fields = text.length > MAX_LENGTH ? undefined : fieldsOf(text);
  if (fields === undefined) return undefined;
  const atUnixMs = parseIsoTime(fields.get("ts") ?? "");
  const pid = wholeNumber(fields.get("pid"));
  const status = fields.get("status");
  if (atUnixMs === undefined || pid === undefined || (status !== "ok" && status !== "busy")) return undefined;
  const intervalMs = intervalOf(fields.get("interval"));
  const writer = fields.get("writer");
  return {
    atUnixMs,
    pid,
    status,
    ...(intervalMs === undefined ? {} : { intervalMs }),
    ...(writer === "sidecar" || writer === "runtime" ? { writer } : {}),
  };
}

/** Writes a heartbeat file's text, every line with its end. The caller replaces the file atomically. */
export function formatHeartbeatFile(heartbeat: HeartbeatFile): string {
  const lines = [`ts=${formatIsoTime(heartbeat.atUnixMs)}`, `pid=${heartbeat.pid}`, `status=${heartbeat.status}`];
  if (heartbeat.intervalMs !== undefined) lines.push(`interval=${Math.max(1, Math.round(heartbeat.intervalMs)) / 1000}`);
  if (heartbeat.writer !== undefined) lines.push(`writer=${heartbeat.writer}`);
  return `${lines.join("\n")}\n`;
}

function fieldsOf(text: string): Map<string, string> | undefined {
  const fields = new Map<string, string>();
  const lines = text.split("\n");
  const lastIndex = lines.length - 1;
  for (const [index, ended] of lines.entries()) {
    const line = ended.replace(/\r$/, "");
    if (line === "") continue;
    const equals = line.indexOf("=");
    const [key, value] = [line.slice(0, equals), line.slice(equals + 1)];
    const mayBeCutShort = index === lastIndex && (key === "pid" || key === "interval");
    if (equals < 1 || fields.has(key) || mayBeCutShort) return undefined;
    fields.set(key, value);
  }
  return fields;
}

function wholeNumber(text: string | undefined): number | undefined {
  const value = /^\d{1,10}$/.test(text ?? "") ? Number(text) : 0;
  return value >= 1 && value <= MAX_PID ? value : undefined;
}

function intervalOf(text: string | undefined): number | undefined {
  if (!/^\d{1,7}(\.\d{1,3})?$/.test(text ?? "")) return undefined;
  const intervalMs = Math.round(Number(text) * 1000);
  return intervalMs >= 1 && intervalMs <= MAX_INTERVAL_MS ? intervalMs : undefined;
}
