import { ResetReason, type WatchRequest, type WatchResponse } from "@mosaic/wire";
import type { Clock } from "../ports/clock.ts";
import type { Counters } from "./counters.ts";
import type { FleetLog, LogEntry } from "./fleet-log.ts";
import { rowKeyOf } from "./keys.ts";
import { decodeResumeToken } from "./resume-token.ts";
import { selectorText } from "./selector.ts";
import { ageBookmark, bookmarkFrame, changeFrame, closingFrame, type FrameSource, snapshotFrames } from "./watch-frames.ts";

export interface ServeWatchDeps extends FrameSource {
  readonly clock: Clock;
  /** A number in [0, 1): spreads bookmarks and ends over time. */
  readonly random: () => number;
  /** Counts readers whose view did not add up, and readers that were too slow. Default: nobody does. */
  readonly counters?: Counters;
  /** How long a stream is served before its reader is asked to come back, in ms, varied by 10 %. Default an hour (gRPC A9): whatever
   *  a connection gathers in wrong state, or in memory, ends with it. */
  readonly maxAgeMs?: number;
  /** Aborts when the server is about to stop: each reader is told so, and its stream ends. Default: it stops without a word. */
  readonly stopping?: AbortSignal | undefined;
}

/** Entries taken from the log at a time: bounds what a stuck reader holds besides its snapshot. */
const BATCH_ENTRIES = 256;
/** The same where a bookmark is due: who is further behind gets one when it has caught up, or was given a snapshot. */
const DUE_ENTRIES = 1024;
const MAX_AGE_MS = 60 * 60_000;
const CHANGED = "no need to wait any more";
/** How long who was told that we stop leaves us alone, in ms: longer than a mere change of streams takes, so that a reader shows it. */
const STOPPED_FOR_MS = 2500;

/** Serves one watch from the log: snapshot or resume, then changes and bookmarks until `signal` aborts or the stream is old.
 *
 *  The reader pulls; while it does not, nothing is queued for it: what it missed is one row each when it reads on, as it is then.
 *  One that falls behind the log gets a reset in the same stream. A watcher is in one of three states: *snapshot* (until
 *  `snapshot_end`), *catching up* (entries behind the log), *current* (waits for a change or the next bookmark). See
 *  docs/adr/0004.
 *  @throws never by itself; ends quietly when the signal aborts. */
export async function* serveWatch(
  deps: ServeWatchDeps,
  request: WatchRequest,
  signal: AbortSignal,
): AsyncGenerator<WatchResponse> {
  const { log, clock } = deps;
  const { selector } = request;
  const intervalMs = clampBookmarkInterval(request.bookmarkIntervalMs);
  const start = startingPoint(deps, request);
  let cursor = start.kind === "resume" ? start.rev : undefined;
  let reason = start.kind === "reset" ? start.reason : ResetReason.SLOW_CONSUMER;
  let nextBookmarkAtMs = clock.monotonicMs();
  let closesAtMs: number | undefined;
  let wake = () => {};
  const onStopping = () => wake();
  deps.stopping?.addEventListener("abort", onStopping, { once: true });
  signal.addEventListener("abort", () => deps.stopping?.removeEventListener("abort", onStopping), { once: true });
  while (!signal.aborted) {
    if (cursor === undefined) {
      cursor = log.rev;
      yield* snapshotFrames(deps, selector, reason);
      reason = ResetReason.SLOW_CONSUMER;
      nextBookmarkAtMs = clock.monotonicMs();
      continue;
    }
    const readAtMs = clock.monotonicMs();
    const isDue = readAtMs >= nextBookmarkAtMs && readAtMs < (closesAtMs ?? Number.POSITIVE_INFINITY);
    const entries = log.readAfter(cursor, isDue ? DUE_ENTRIES : BATCH_ENTRIES);
    if (typeof entries === "string") {
      deps.counters?.add("watch_slow_consumer_total");
      cursor = undefined;
      continue;
    }
    const deletes = lastDeletes(entries);
    cursor = entries.at(-1)?.rev ?? cursor;
    // Where changes never pause there is no quiet point but the one that is made: what is told up to here is what the log holds at
    // this instant, whatever is published while it is sent.
    let bookmark = isDue && cursor === log.rev ? bookmarkFrame(deps, selector) : undefined;
    const isLeftOut = (entry: LogEntry) => isSuperseded(log, entry, deletes);
    const told = bookmark ? entries.filter((entry) => !isLeftOut(entry)) : entries;
    for (const entry of told) {
      // A host that is gone since is not told, and what is told of its rows is nobody's: that does not add up any more.
      if (entry.change.kind === "host" && isLeftOut(entry)) bookmark = undefined;
      const frame = !bookmark && isLeftOut(entry) ? undefined : changeFrame(deps, entry, selector);
      if (frame) yield frame;
      if (signal.aborted) return;
    }
    const nowMs = clock.monotonicMs();
    if (bookmark) {
      nextBookmarkAtMs = nowMs + intervalMs * (0.8 + 0.4 * deps.random());
      ageBookmark(bookmark, nowMs - readAtMs);
      yield bookmark;
      if (signal.aborted) return;
    }
    closesAtMs ??= nowMs + (deps.maxAgeMs ?? MAX_AGE_MS) * (0.9 + 0.2 * deps.random());
    if (nowMs >= closesAtMs) return yield closingFrame(log, cursor, selector, "this stream is old; go on with a new one");
    if (deps.stopping?.aborted)
      return yield closingFrame(log, cursor, selector, "it was stopped on purpose, or is being started anew", STOPPED_FOR_MS);
    if (cursor === log.rev && nowMs < nextBookmarkAtMs) {
      const waiting = changeOrTimeout(log, cursor, clock, Math.min(nextBookmarkAtMs, closesAtMs) - nowMs, signal);
      wake = waiting.stop;
      await waiting.end;
    }
  }
}

/** The bookmark interval a server uses for a wish, in ms: 5000 for none, else clamped to 1000..30000. */
export function clampBookmarkInterval(wishMs: number): number {
  return wishMs === 0 ? 5000 : Math.min(30_000, Math.max(1000, wishMs));
}

function startingPoint(
  { log, counters }: ServeWatchDeps,
  request: WatchRequest,
): { kind: "resume"; rev: bigint } | { kind: "reset"; reason: ResetReason } {
  if (request.viewDiverged) {
    counters?.add("watch_divergence_total");
    return { kind: "reset", reason: ResetReason.CORRUPT };
  }
  if (request.resumeToken.length === 0) return { kind: "reset", reason: ResetReason.NEW_WATCH };
  const token = decodeResumeToken(request.resumeToken, { epoch: log.epoch, selector: selectorText(request.selector) });
  if (token.kind === "reset") {
    const reasons = {
      invalid: ResetReason.TOKEN_INVALID,
      "epoch-changed": ResetReason.EPOCH_CHANGED,
      "selector-changed": ResetReason.SELECTOR_CHANGED,
    } as const;
    return { kind: "reset", reason: reasons[token.reason] };
  }
  const after = log.readAfter(token.rev, 1);
  if (after === "too-old") return { kind: "reset", reason: ResetReason.TOKEN_EXPIRED };
  if (after === "unknown") return { kind: "reset", reason: ResetReason.TOKEN_INVALID };
  return token;
}

// A row that changed again is sent once, by its last entry: slow readers get news, not history, and nobody keeps a list of what
// each of them missed. Hosts are all sent, as a row may not come before its host, but for those that are gone again: of them there
// is nothing to say but what was true then.
function isSuperseded({ state }: FleetLog, { change, rev }: LogEntry, deletes: ReadonlyMap<string, bigint>): boolean {
  if (change.kind === "superseded") return true;
  if (change.kind === "host") return state.host(change.status) === undefined;
  if (change.kind === "upsert") return state.row(change.row)?.rev !== rev;
  return change.kind === "delete" && (state.row(change.key) !== undefined || deletes.get(rowKeyOf(change.key)) !== rev);
}

// The state does not know when a row went, so that one which comes and goes is told once a portion.
function lastDeletes(entries: readonly LogEntry[]): ReadonlyMap<string, bigint> {
  if (!entries.some(({ change }) => change.kind === "delete")) return NO_DELETES;
  const deletes = entries.flatMap(({ change, rev }) => (change.kind === "delete" ? [[rowKeyOf(change.key), rev] as const] : []));
  return new Map(deletes);
}

const NO_DELETES: ReadonlyMap<string, bigint> = new Map();

function changeOrTimeout(
  log: FleetLog,
  cursor: bigint,
  clock: Clock,
  timeoutMs: number,
  signal: AbortSignal,
): { readonly end: Promise<void>; readonly stop: () => void } {
  const timer = new AbortController();
  // Without a reason of ours each would make an exception with a stack.
  const stop = () => timer.abort(CHANGED);
  if (log.rev > cursor) return { end: Promise.resolve(), stop };
  const change = log.onNextChange(stop);
  signal.addEventListener("abort", stop, { once: true });
  const end = clock.sleep(timeoutMs, timer.signal).finally(() => {
    change[Symbol.dispose]();
    signal.removeEventListener("abort", stop);
  });
  return { end, stop };
}
