import { compareHosts, compareRows, type FleetLog, hostKeyOf, selectsHost, selectsRow } from "@mosaic/core";
import { fromConnectError, type ListAnswer, statusNameOf } from "@mosaic/rpc";
import { type Agent, HostState, type HostStatus, type ListRequest, type ListResponse } from "@mosaic/wire";
import type { HostTable } from "./host-table.ts";
import type { Upstream } from "./upstream.ts";

export interface FanOutLimits {
  /** Time for the whole question, in ms. Default 5000. */
  readonly deadlineMs: number;
  /** Time for one member, from when its turn comes, in ms. Default 2000: waiting for a turn is not the member's fault. */
  readonly memberDeadlineMs: number;
  /** Members asked at the same time. Default 64: at 256 everything timed out where 64 worked. */
  readonly concurrency: number;
}

export const FAN_OUT_LIMITS: FanOutLimits = { deadlineMs: 5000, memberDeadlineMs: 2000, concurrency: 64 };
/** Kept back from the deadline for putting the answer together, in ms. */
const MERGE_RESERVE_MS = 150;

export interface FanOutCall {
  readonly request: ListRequest;
  readonly traceparent: string | undefined;
  readonly signal: AbortSignal;
  readonly monotonicMs: () => number;
}

/** Asks every member that has a selected host now, within the deadline, and answers for each expected host: with what it
 *  said, or, named with the reason, with what is remembered of it. */
export async function listLive(
  table: HostTable,
  fleetLog: FleetLog,
  call: FanOutCall,
  limits: FanOutLimits,
): Promise<ListAnswer> {
  const { selector } = call.request;
  const endsAtMs = call.monotonicMs() + limits.deadlineMs - MERGE_RESERVE_MS;
  const selected = () => fleetLog.state.hosts().filter((host) => selectsHost(selector, host));
  const owners = new Set(selected().flatMap((host) => table.ownerOf(host) ?? []));
  for (const owner of owners) if (isRefused(owner)) owners.delete(owner);
  const heard = new Map<Upstream, Heard>();
  await inParallel([...owners], limits.concurrency, async (upstream) => {
    heard.set(upstream, await ask(upstream, call, Math.floor(Math.min(limits.memberDeadlineMs, endsAtMs - call.monotonicMs()))));
  });
  // Put together at one moment and from the hosts that are expected then: one that changed its owner meanwhile must not
  // fall between two answers.
  const answers = selected().map((host) => answerFor(table, fleetLog, host, heard));
  return {
    rows: answers
      .flatMap((answer) => answer.rows)
      .filter((row) => selectsRow(selector, row))
      .sort(compareRows),
    hosts: answers.map((answer) => answer.status).sort(compareHosts),
    epoch: fleetLog.epoch,
    rev: fleetLog.rev,
    nextPageToken: "",
    isInconsistent: false,
  };
}

type Heard = { kind: "answer"; response: ListResponse } | { kind: "failure"; code: string; detail: string; isOurs: boolean };

async function ask(upstream: Upstream, call: FanOutCall, timeoutMs: number): Promise<Heard> {
  if (timeoutMs < 20)
    return { kind: "failure", code: "RESOURCE_EXHAUSTED", detail: "its turn did not come before the deadline", isOurs: true };
  try {
    const headers = call.traceparent ? { traceparent: call.traceparent } : {};
    const response = await upstream.client.list(
      { live: true, selector: call.request.selector },
      { timeoutMs, signal: call.signal, headers },
    );
    return { kind: "answer", response };
  } catch (thrown) {
    const code = statusNameOf(thrown);
    const detail =
      code === "DEADLINE_EXCEEDED" ? `did not answer within ${timeoutMs} ms` : fromConnectError(thrown, "list").message;
    return { kind: "failure", code, detail, isOurs: false };
  }
}

/** True for a member that is not what it should be: it must not speak for a host. */
export function isRefused({ link }: Upstream): boolean {
  return link.kind === "lost" && link.state !== HostState.UNREACHABLE;
}

function answerFor(
  table: HostTable,
  fleetLog: FleetLog,
  host: HostStatus,
  heard: ReadonlyMap<Upstream, Heard>,
): { status: HostStatus; rows: Agent[] } {
  const owner = table.ownerOf(host);
  const remembered = { status: table.asOfNow(host), rows: fleetLog.state.rowsOf(host).map((stored) => stored.row) };
  const word = owner && heard.get(owner);
  // Refused, or joined after the asking: what is known of it is the answer.
  if (!word) return remembered;
  if (word.kind === "failure") return { ...remembered, status: withFailure(remembered.status, word) };
  const told = word.response.hosts.find((one) => isSameHost(one, host));
  if (!told) return { ...remembered, status: withFailure(remembered.status, NOT_LISTED) };
  const rows = word.response.agents.filter((row) => row.tenantId === told.tenantId && row.hostId === told.hostId);
  return { status: { ...told, via: [...told.via, table.ownId], address: told.address || remembered.status.address }, rows };
}

const NOT_LISTED = { code: "NOT_FOUND", detail: "the member that it was behind no longer lists it", isOurs: false };

/** A host's status after it failed to answer. */
export function withFailure(
  status: HostStatus,
  { code, detail, isOurs }: Omit<Extract<Heard, { kind: "failure" }>, "kind">,
): HostStatus {
  const wasNeverSeen = status.asOfUnixMs === 0n;
  const state = isOurs ? HostState.OVERLOADED : wasNeverSeen ? HostState.NEVER_SEEN : HostState.UNREACHABLE;
  return { ...status, state, code, detail };
}

// A host that was never heard from is known by its name only; its own answer is the first to tell its id.
function isSameHost(told: HostStatus, expected: HostStatus): boolean {
  return (
    hostKeyOf(told) === hostKeyOf(expected) ||
    (expected.hostId === "" && told.tenantId === expected.tenantId && told.host === expected.host)
  );
}

/** Does the work for each, at most `width` at the same time. */
export async function inParallel<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  const worker = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
}
