import { LogLevel, type LogSource, type LogLine as ToldLine } from "@mosaic/wire";
import type { LogLine } from "./log-line.ts";

/** Clocks that are less far apart are taken for one, in ms: as CLOCK_SKEW has it. */
const SAME_CLOCK_MS = 2000;

/** One thing that a daemon of the fleet said. */
export interface FleetLogLine extends LogLine {
  /** Empty: an aggregator's. */
  readonly tenant_id: string;
  readonly host: string;
  /** How old it was when its host answered, by that host's own clock, in ms; null: that clock can be compared, so look at the time. */
  readonly age_ms: number | null;
}

/** A line, and where it stands among those of other hosts. */
export interface PlacedLine {
  readonly line: FleetLogLine;
  /** By the clock of the aggregator that passed it on. */
  readonly placedAtUnixMs: number;
}

/** How far a host's clock is ahead of the aggregator's that passed its log on, in ms; undefined: they can be taken for one, or nobody
 *  could compare them. */
export function clockOff(source: Pick<LogSource, "asOfUnixMs" | "passedOnUnixMs">): number | undefined {
  if (source.passedOnUnixMs === 0n || source.asOfUnixMs === 0n) return undefined;
  const offMs = Number(source.asOfUnixMs - source.passedOnUnixMs);
  return Math.abs(offMs) > SAME_CLOCK_MS ? offMs : undefined;
}

/** Places the lines of one source, in its own order, also where its clock was set back meanwhile. A line that says no time belongs
 *  after the one before it, and one of a host whose clock is off is placed by its age.
 *  @param hostNowUnixMs what that host's own clock shows now */
export function placeLines(source: LogSource, lines: readonly ToldLine[], hostNowUnixMs: number): PlacedLine[] {
  const offMs = clockOff(source);
  let latestUnixMs = Number(lines.find(({ timeUnixMs }) => timeUnixMs !== 0n)?.timeUnixMs ?? hostNowUnixMs);
  return lines.map((told) => {
    const saidAt = told.timeUnixMs === 0n ? undefined : Number(told.timeUnixMs);
    latestUnixMs = Math.max(latestUnixMs, saidAt ?? latestUnixMs);
    const ageMs = offMs === undefined || saidAt === undefined ? null : Math.max(0, hostNowUnixMs - saidAt);
    const line: FleetLogLine = {
      tenant_id: source.tenantId,
      host: source.host,
      ...{ time_unix_ms: saidAt ?? null, age_ms: ageMs },
      ...{ level: LEVELS[told.level] ?? "info", daemon: source.tenantId === "" ? "aggregator" : "node" },
      ...{ message: told.message, fields: fieldsOf(told) },
    };
    return { line, placedAtUnixMs: latestUnixMs - (offMs ?? 0) };
  });
}

/** Joins what several sources said, by time, and keeps the last so many. Each source keeps its own order. */
export function mergeLines(sources: readonly (readonly PlacedLine[])[], count: number): PlacedLine[] {
  // Sorting is stable, and each source's places only grow.
  return sources
    .flat()
    .toSorted((one, other) => one.placedAtUnixMs - other.placedAtUnixMs)
    .slice(-count);
}

function fieldsOf({ fields }: ToldLine): Record<string, unknown> {
  // Without a prototype, because the names come from elsewhere.
  const found: Record<string, unknown> = Object.create(null);
  for (const { name, value } of fields) found[name] = value.value ?? null;
  return found;
}

const LEVELS: Readonly<Record<number, LogLine["level"]>> = {
  [LogLevel.DEBUG]: "debug",
  [LogLevel.INFO]: "info",
  [LogLevel.WARN]: "warn",
  [LogLevel.ERROR]: "error",
};
