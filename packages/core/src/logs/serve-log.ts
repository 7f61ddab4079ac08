import { create } from "@bufbuild/protobuf";
import {
  LogLevel,
  type LogLine,
  LogLineSchema,
  LogPositionSchema,
  type LogSource,
  LogSourceSchema,
  type ReadLogRequest,
  type ReadLogResponse,
  ReadLogResponseSchema,
} from "@mosaic/wire";
import { MosaicError } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { LogArchive } from "../ports/log-archive.ts";
import { isAtLeast, toLogLine } from "./log-line.ts";
import type { LogRing } from "./log-ring.ts";
import { olderLines } from "./older-lines.ts";
import type { StreamPlaces } from "./stream-places.ts";

/** A daemon's own log, to be served. */
export interface OwnLog {
  readonly ring: LogRing;
  /** Where it goes. Absent: nobody can read there. */
  readonly archive?: LogArchive | undefined;
  readonly role: "node" | "aggregator";
}

export interface ServeLogDeps {
  readonly own: OwnLog;
  readonly clock: Clock;
  readonly places: StreamPlaces;
  /** Who speaks, without its clock. */
  readonly source: Pick<LogSource, "tenantId" | "host" | "id">;
}

const DEFAULT_LINES = 120;
/** Of as many archived lines those of a level are looked for. */
const MOST_ARCHIVED = 20_000;
const MAX_CHARACTERS = 1024 * 1024;
/** What goes into one message: some 50 KB as a rule, and never more than a message may have. */
const BATCH_LINES = 200;
const BATCH_CHARACTERS = 256 * 1024;
/** What is written in a burst goes out together, in ms: people read slower. */
const GATHER_MS = 100;
/** How often a reader hears from a daemon that has nothing to say, in ms. */
const BEAT_MS = 10_000;

/** Serves ReadLog for this process's own log. A reader that is too slow is told what it missed, and holds nobody up: it stands in the
 *  ring like any other. Nothing is logged per line or per message, so that to read a log does not make it longer.
 *  @throws MosaicError BUSY when too many read it already */
export async function* serveLog(
  { own, clock, places, source }: ServeLogDeps,
  request: ReadLogRequest,
  signal: AbortSignal,
): AsyncGenerator<ReadLogResponse> {
  using _place = places.take();
  const { ring } = own;
  const { after } = request;
  const told = create(LogSourceSchema, { ...source, asOfUnixMs: BigInt(clock.nowUnixMs()) });
  const isResumed = after !== undefined && after.epoch !== "";
  const restarted = isResumed && after.epoch !== ring.epoch;
  // Beyond what was ever written is no place of ours.
  let at = isResumed ? Math.min(restarted ? 0 : Number(after.written), ring.written) : ring.written;
  const begin = isResumed ? [] : await lastLines(own, request, signal);
  let first: Partial<Fields> = { source: told, restarted };
  for (const lines of inBatches(begin)) {
    // No place yet: who is cut off here begins anew, so that the rest of these is not lost.
    yield create(ReadLogResponseSchema, { ...first, lines });
    first = {};
  }
  const caughtUpAt = ring.written;
  let isCaughtUp = false;
  let saidAtMs = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    const { lines: texts, missed, next } = ring.read(at, BATCH_LINES, BATCH_CHARACTERS);
    at = next;
    const lines = texts.map((text) => toLogLine(text)).filter((line) => isAtLeast(line, request.minLevel));
    const caughtUp: boolean = !isCaughtUp && at >= caughtUpAt;
    isCaughtUp ||= caughtUp;
    if (lines.length > 0 || missed > 0 || caughtUp || clock.monotonicMs() - saidAtMs >= BEAT_MS) {
      const position = create(LogPositionSchema, { epoch: ring.epoch, written: BigInt(at) });
      yield create(ReadLogResponseSchema, { ...first, lines, missed: BigInt(missed), caughtUp, position });
      first = {};
      saidAtMs = clock.monotonicMs();
    }
    if (!request.follow && isCaughtUp) return;
    await more(ring, at, clock, signal);
  }
}

type Fields = Pick<ReadLogResponse, "source" | "restarted">;

/** Waits for a line, and for those that come with it; or until it is time for a sign of life. */
async function more(ring: LogRing, at: number, clock: Clock, signal: AbortSignal): Promise<void> {
  if (ring.written > at) return;
  // Not AbortSignal.any: a reader may stay for days, and this is done ten times a second.
  const stop = new AbortController();
  const end = () => stop.abort();
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  await Promise.race([ring.beyond(at, stop.signal), clock.sleep(BEAT_MS, stop.signal)]);
  signal.removeEventListener("abort", end);
  end();
  if (ring.written > at) await clock.sleep(GATHER_MS, signal);
}

/** The last lines of a level: what is in memory, and what was written down before that as far as it is wanted. */
async function lastLines({ ring, archive, role }: OwnLog, request: ReadLogRequest, signal: AbortSignal): Promise<LogLine[]> {
  const wanted = request.lines || DEFAULT_LINES;
  // At one instant: what is written from here on, whoever follows gets as new.
  const texts = ring.read(0, ring.written).lines;
  const held = texts.map((text) => toLogLine(text)).filter((line) => isAtLeast(line, request.minLevel));
  const lacking = wanted - held.length;
  if (lacking <= 0 || !archive) return withinSize(held.slice(-wanted));
  const most = request.minLevel > LogLevel.DEBUG ? MOST_ARCHIVED : Math.min(MOST_ARCHIVED, lacking + texts.length);
  const older = await archive.read(most, signal).then(
    (archived) => olderLines(archived, texts[0], role),
    (thrown: unknown) => [unreadable(thrown)],
  );
  return withinSize([...older.filter((line) => isAtLeast(line, request.minLevel)).slice(-lacking), ...held]);
}

// What is in memory is shown all the same: whoever reads a log looks for a fault, and this may be a part of it.
function unreadable(thrown: unknown): LogLine {
  const message = `what was written before this can't be read: ${MosaicError.from(thrown).message}`;
  return create(LogLineSchema, { level: LogLevel.WARN, message });
}

function withinSize(lines: LogLine[]): LogLine[] {
  let characters = 0;
  const from = lines.findLastIndex((line) => {
    characters += sizeOf(line);
    return characters > MAX_CHARACTERS;
  });
  return lines.slice(from + 1);
}

function* inBatches(lines: readonly LogLine[]): Generator<LogLine[]> {
  let batch: LogLine[] = [];
  let characters = 0;
  for (const line of lines) {
    batch.push(line);
    characters += sizeOf(line);
    if (batch.length < BATCH_LINES && characters < BATCH_CHARACTERS) continue;
    yield batch;
    [batch, characters] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}

function sizeOf({ message, fields }: LogLine): number {
  return message.length + fields.reduce((sum, { name, value }) => sum + name.length + String(value.value).length, 0);
}
