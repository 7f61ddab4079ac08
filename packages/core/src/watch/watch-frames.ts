import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type Condition,
  type HostStatus,
  type ResetReason,
  type Selector,
  type WatchResponse,
  WatchResponseSchema,
} from "@mosaic/wire";
import { addToDigest, rowDigest } from "./digest.ts";
import type { FleetLog, LogEntry } from "./fleet-log.ts";
import type { StoredRow } from "./fleet-state.ts";
import { rowKeyOf } from "./keys.ts";
import { encodeResumeToken } from "./resume-token.ts";
import { selectorText, selectsAll, selectsHost, selectsRow } from "./selector.ts";

/** What the frames of one watch are made from. */
export interface FrameSource {
  readonly log: FleetLog;
  /** The status with its age, wall clock and retry time as they are now. */
  readonly asOfNow: (status: HostStatus) => HostStatus;
  /** The part of `asOfNow` that a bookmark tells of every host. Default: taken from there. */
  readonly freshness?: (status: HostStatus) => Pick<HostStatus, "ageMs" | "asOfUnixMs">;
  /** Facts about the server itself, told with each bookmark. Default: none. */
  readonly conditions?: () => readonly Condition[];
}

/** The view as one instant: reset, hosts, rows, end. The lists are taken at once, so it is of one instant however slowly it is
 *  read; rows are shared, not copied. */
export function* snapshotFrames(
  source: FrameSource,
  selector: Selector | undefined,
  reason: ResetReason,
): Generator<WatchResponse> {
  const { log } = source;
  const rev = log.rev;
  const hosts = log.state.hosts().filter((host) => selectsHost(selector, host));
  const rows = selectedRows(log, selector);
  const digest = digestOf(log, selector, rows);
  yield frameOf({ case: "reset", value: { reason, epoch: log.epoch } }, 0n);
  for (const host of hosts) yield frameOf({ case: "host", value: source.asOfNow(host) }, rev);
  for (const stored of rows) yield frameOf({ case: "upsert", value: stored.row }, stored.rev);
  const resumeToken = tokenAt(log, rev, selector);
  yield frameOf({ case: "snapshotEnd", value: { resumeToken, rowCount: rows.length, hostCount: hosts.length, digest } }, rev);
}

/** A quiet point: counts, check sum and ages as of now. */
export function bookmarkFrame(source: FrameSource, selector: Selector | undefined): WatchResponse {
  const { log } = source;
  const hosts = log.state.hosts().filter((host) => selectsHost(selector, host));
  const rows = selectsAll(selector) ? undefined : selectedRows(log, selector);
  const freshnessOf = source.freshness ?? source.asOfNow;
  const freshness = hosts.map((host) => {
    const { ageMs, asOfUnixMs } = freshnessOf(host);
    return { key: { tenantId: host.tenantId, hostId: host.hostId, host: host.host }, ageMs, asOfUnixMs };
  });
  const value = {
    resumeToken: tokenAt(log, log.rev, selector),
    rowCount: rows?.length ?? log.state.rowCount,
    hostCount: hosts.length,
    digest: digestOf(log, selector, rows ?? []),
    hosts: freshness,
    conditions: [...(source.conditions?.() ?? [])],
  };
  return frameOf({ case: "bookmark", value }, log.rev);
}

/** Lets the ages of a bookmark grow that was not sent at once: its reader's rows are of the instant that it was made at. */
export function ageBookmark({ frame }: WatchResponse, byMs: number): void {
  const by = BigInt(Math.round(byMs));
  if (frame.case === "bookmark" && by > 0n) for (const host of frame.value.hosts) host.ageMs += by;
}

/** Says that the stream ends here, and where to go on. @param retryAfterMs before which nobody should come back */
export function closingFrame(
  log: FleetLog,
  rev: bigint,
  selector: Selector | undefined,
  reason: string,
  retryAfterMs = 0,
): WatchResponse {
  const resumeToken = tokenAt(log, rev, selector);
  return frameOf({ case: "closing", value: { resumeToken, reason, retryAfterMs } }, 0n);
}

/** One change as a frame; undefined: it is outside the selector. */
export function changeFrame(source: FrameSource, entry: LogEntry, selector: Selector | undefined): WatchResponse | undefined {
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
        ? frameOf({ case: "host", value: source.asOfNow(change.status) }, rev)
        : undefined;
    case "host-removed":
      return selectsHost(selector, change.key) ? frameOf({ case: "hostRemoved", value: change.key }, rev) : undefined;
    case "superseded":
      return undefined;
    default:
      return change satisfies never;
  }
}

function tokenAt(log: FleetLog, rev: bigint, selector: Selector | undefined): Uint8Array<ArrayBuffer> {
  return encodeResumeToken({ epoch: log.epoch, rev, selector: selectorText(selector) });
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
