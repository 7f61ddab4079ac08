import { MosaicError } from "@mosaic/core/light";
import { type FleetClient, fromConnectError } from "@mosaic/rpc";
import type { LogSource, LogLine as ToldLine } from "@mosaic/wire";
import { clockOff, type FleetLogLine, mergeLines, type PlacedLine, placeLines } from "./fleet-log-line.ts";
import type { LogLevel } from "./log-line.ts";
import type { LogTarget } from "./log-targets.ts";
import { targetName, toRequest } from "./read-target.ts";

/** How many daemons are asked at the same time: each holds a connection at the aggregator while it answers. */
const CONCURRENCY = 32;

export interface ReadLogsQuestion {
  readonly targets: readonly LogTarget[];
  readonly lines: number;
  readonly level: LogLevel;
  /** For all of them together, in ms. */
  readonly timeoutMs: number;
  /** Ends it. */
  readonly signal: AbortSignal;
}

export interface FleetLogs {
  /** The last of all, by time. */
  readonly items: readonly FleetLogLine[];
  readonly failures: readonly { readonly target: LogTarget; readonly error: MosaicError }[];
  readonly answered: readonly LogSource[];
}

/** Reads the last lines of many daemons' logs, side by side, and merges them. A daemon that does not answer in time is one that failed.
 *  @throws MosaicError CANCELLED when the signal aborted */
export async function readFleetLogs(client: FleetClient, question: ReadLogsQuestion): Promise<FleetLogs> {
  const { targets, timeoutMs, lines, signal } = question;
  const endsAtMs = performance.now() + timeoutMs;
  const answered: LogSource[] = [];
  const failures: { target: LogTarget; error: MosaicError }[] = [];
  let merged: readonly PlacedLine[] = [];
  const waiting = [...targets];
  const worker = async () => {
    for (let target = waiting.shift(); target && !signal.aborted; target = waiting.shift()) {
      const leftMs = Math.max(1, Math.round(endsAtMs - performance.now()));
      try {
        const { source, told } = await readOne(client, target, question, leftMs);
        answered.push(source);
        merged = mergeLines([merged, placeLines(source, told, Number(source.asOfUnixMs))], lines);
      } catch (thrown) {
        failures.push({ target, error: toError(thrown, target, timeoutMs) });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, targets.length) }, worker));
  signal.throwIfAborted();
  failures.sort((one, other) => targets.indexOf(one.target) - targets.indexOf(other.target));
  return { items: merged.map(({ line }) => line), failures, answered };
}

/** What is to be said of clocks that can't be compared. */
export function clockNotes(sources: readonly LogSource[]): string[] {
  return sources.flatMap((source) => {
    const offMs = clockOff(source);
    if (offMs === undefined) return [];
    const how = `${Math.abs(offMs / 1000).toFixed(1)} s ${offMs > 0 ? "ahead" : "behind"}`;
    return [
      `mosaic: the clock of ${targetName(source)} is ${how}: its lines are placed by their age, which is shown in place of their time`,
    ];
  });
}

async function readOne(
  client: FleetClient,
  target: LogTarget,
  { lines, level, signal }: ReadLogsQuestion,
  timeoutMs: number,
): Promise<{ source: LogSource; told: ToldLine[] }> {
  const told: ToldLine[] = [];
  let source: LogSource | undefined;
  for await (const response of client.readLog(toRequest(target, { lines, level, follow: false }), { signal, timeoutMs })) {
    source ??= response.source;
    told.push(...response.lines);
    // Whatever somebody sends, no more is kept than was asked for.
    told.splice(0, told.length - lines);
  }
  if (source) return { source, told };
  throw new MosaicError("INTERNAL", `the log of ${targetName(target)} came without saying whose it is`);
}

function toError(thrown: unknown, target: LogTarget, timeoutMs: number): MosaicError {
  const error = fromConnectError(thrown, `log of ${targetName(target)}`);
  if (error.code !== "DEADLINE") return error;
  return new MosaicError("DEADLINE", `no answer within ${timeoutMs} ms`, { cause: error });
}
