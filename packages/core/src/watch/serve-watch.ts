import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type HostStatus,
  ResetReason,
  type Selector,
  type WatchRequest,
  type WatchResponse,
  WatchResponseSchema,
} from "@mosaic/wire";
import type { Clock } from "../ports/clock.ts";
import { addToDigest, rowDigest } from "./digest.ts";
import type { FleetLog, LogEntry } from "./fleet-log.ts";
import type { FleetChange, StoredRow } from "./fleet-state.ts";
import { rowKeyOf } from "./keys.ts";
import { decodeResumeToken, encodeResumeToken } from "./resume-token.ts";
import { selectorText, selectsAll, selectsHost, selectsRow } from "./selector.ts";

export interface ServeWatchDeps {
  readonly log: FleetLog;
  readonly clock: Clock;
  /** The status with its age, wall clock and retry time as they are now. */
  readonly asOfNow: (status: HostStatus) => HostStatus;
  /** A number in [0, 1): spreads bookmarks over time. */
  readonly random: () => number;
}

/** Entries taken from the log at a time: bounds what a stuck reader holds besides its snapshot. */
const BATCH_ENTRIES = 256;

/** Serves one watch from the log: snapshot or resume, then changes and bookmarks until `signal` aborts.
 *
 *  The reader pulls; while it does not, nothing is queued for it. One that falls behind the log gets a reset in the same
 *  stream. A watcher is in one of three states: *snapshot* (until `snapshot_end`), *catching up* (entries behind the log),
 *  *current* (waits for a change or the next bookmark). See docs/adr/0004.
 *  @throws never by itself; ends quietly when the signal aborts. */
export async function* serveWatch(
  deps: ServeWatchDeps,
  request: WatchRequest,
  signal: AbortSignal,
): AsyncGenerator<WatchResponse> {
  const { log } = deps;
  const intervalMs = clampBookmarkInterval(request.bookmarkIntervalMs);
  const start = startingPoint(log, request);
  let cursor = start.kind === "resume" ? start.rev : undefined;
  let reason = start.kind === "reset" ? start.reason : ResetReason.SLOW_CONSUMER;
  let nextBookmarkAtMs = deps.clock.monotonicMs();
  while (!signal.aborted) {
    if (cursor === undefined) {
      cursor = log.rev;
      yield* snapshotFrames(deps, request.selector, reason);
      reason = ResetReason.SLOW_CONSUMER;
      nextBookmarkAtMs = deps.clock.monotonicMs();
      continue;
    }
    const entries = log.readAfter(cursor, BATCH_ENTRIES);
    if (typeof entries === "string") {
      cursor = undefined;
      continue;
    }
    for (const entry of withoutOverwritten(entries)) {
      const frame = changeFrame(deps, entry, request.selector);
      if (frame) yield frame;
      if (signal.aborted) return;
    }
    cursor = entries.at(-1)?.rev ?? cursor;
    if (cursor < log.rev) continue;
    const nowMs = deps.clock.monotonicMs();
    if (nowMs >= nextBookmarkAtMs) {
      nextBookmarkAtMs = nowMs + intervalMs * (0.8 + 0.4 * deps.random());
      yield bookmarkFrame(deps, request.selector);
    } else {
      await changeOrTimeout(log, cursor, deps.clock, nextBookmarkAtMs - nowMs, signal);
    }
  }
}

/** The bookmark interval a server uses for a wish, in ms: 5000 for none, else clamped to 1000..30000. */
export function clampBookmarkInterval(wishMs: number): number {
  return wishMs === 0 ? 5000 : Math.min(30_000, Math.max(1000, wishMs));
}

function startingPoint(
  log: FleetLog,
  request: WatchRequest,
): { kind: "resume"; rev: bigint } | { kind: "reset"; reason: ResetReason } {
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

// The lists are taken at once, so the snapshot is of one instant however slowly it is read; rows are shared, not copied.
function* snapshotFrames(deps: ServeWatchDeps, selector: Selector | undefined, reason: ResetReason): Generator<WatchResponse> {
  const { log } = deps;
  const rev = log.rev;
  const hosts = log.state.hosts().filter((host) => selectsHost(selector, host));
  const rows = selectedRows(log, selector);
  const digest = digestOf(log, selector, rows);
  yield frameOf({ case: "reset", value: { reason, epoch: log.epoch } }, 0n);
  for (const host of hosts) yield frameOf({ case: "host", value: deps.asOfNow(host) }, rev);
  for (const stored of rows) yield frameOf({ case: "upsert", value: stored.row }, stored.rev);
  const resumeToken = encodeResumeToken({ epoch: log.epoch, rev, selector: selectorText(selector) });
  yield frameOf({ case: "snapshotEnd", value: { resumeToken, rowCount: rows.length, hostCount: hosts.length, digest } }, rev);
}

function bookmarkFrame(deps: ServeWatchDeps, selector: Selector | undefined): WatchResponse {
  const { log } = deps;
  const hosts = log.state.hosts().filter((host) => selectsHost(selector, host));
  const rows = selectsAll(selector) ? undefined : selectedRows(log, selector);
  const freshness = hosts.map((host) => {
    const now = deps.asOfNow(host);
    return { key: { tenantId: now.tenantId, hostId: now.hostId, host: now.host }, ageMs: now.ageMs, asOfUnixMs: now.asOfUnixMs };
  });
  const value = {
    resumeToken: encodeResumeToken({ epoch: log.epoch, rev: log.rev, selector: selectorText(selector) }),
    rowCount: rows?.length ?? log.state.rowCount,
    hostCount: hosts.length,
    digest: digestOf(log, selector, rows ?? []),
    hosts: freshness,
  };
  return frameOf({ case: "bookmark", value }, log.rev);
}

function changeFrame(deps: ServeWatchDeps, entry: LogEntry, selector: Selector | undefined): WatchResponse | undefined {
  const { change, rev } = entry;
  switch (change.kind) {
    case "upsert":
      return selectsRow(selector, change.row) ? frameOf({ case: "upsert", value: change.row }, rev) : undefined;
    case "delete": {
      // A delete names no host name; a reader that never had the row ignores it.
      const wanted = !selector?.names.length || selector.names.includes(change.key.name);
      return wanted ? frameOf({ case: "delete", value: change.key }, rev) : undefined;
    }
    case "host":
      return selectsHost(selector, change.status)
        ? frameOf({ case: "host", value: deps.asOfNow(change.status) }, rev)
        : undefined;
    case "host-removed":
      return selectsHost(selector, change.key) ? frameOf({ case: "hostRemoved", value: change.key }, rev) : undefined;
    default:
      return change satisfies never;
  }
}

// A row that changes again within the batch is sent once, as it is at the end: slow readers get news, not history.
function withoutOverwritten(entries: readonly LogEntry[]): readonly LogEntry[] {
  const lastRev = new Map<string, bigint>();
  for (const entry of entries) {
    const key = rowKeyOfChange(entry.change);
    if (key !== undefined) lastRev.set(key, entry.rev);
  }
  return entries.filter((entry) => {
    const key = rowKeyOfChange(entry.change);
    return key === undefined || lastRev.get(key) === entry.rev;
  });
}

function rowKeyOfChange(change: FleetChange): string | undefined {
  if (change.kind === "upsert") return rowKeyOf(change.row);
  return change.kind === "delete" ? rowKeyOf(change.key) : undefined;
}

function selectedRows(log: FleetLog, selector: Selector | undefined): readonly StoredRow[] {
  const rows = log.state.rows();
  return selectsAll(selector) ? rows : rows.filter((stored) => selectsRow(selector, stored.row));
}

function digestOf(log: FleetLog, selector: Selector | undefined, rows: readonly StoredRow[]): bigint {
  if (selectsAll(selector)) return log.state.digest;
  return rows.reduce((sum, stored) => addToDigest(sum, rowDigest(rowKeyOf(stored.row), stored.rev)), 0n);
}

function frameOf(frame: NonNullable<MessageInitShape<typeof WatchResponseSchema>["frame"]>, rev: bigint): WatchResponse {
  return create(WatchResponseSchema, { frame, rev });
}

async function changeOrTimeout(
  log: FleetLog,
  cursor: bigint,
  clock: Clock,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  if (log.rev > cursor) return;
  const timer = new AbortController();
  const stop = () => timer.abort();
  using _change = log.onNextChange(stop);
  signal.addEventListener("abort", stop, { once: true });
  try {
    await clock.sleep(timeoutMs, timer.signal);
  } finally {
    signal.removeEventListener("abort", stop);
    timer.abort();
  }
}
