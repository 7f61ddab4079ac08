import { compareHosts, compareRows, type FleetLog, selectsHost, selectsRow } from "@mosaic/core";
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

/** Asks every member now, within the deadline, and answers for each expected host: with what it said, or, named with the
 *  reason, with what is remembered of it. */
export async function listLive(table: HostTable, fleetLog: FleetLog, call: FanOutCall, limits: FanOutLimits): Promise<ListAnswer> {
  const endsAtMs = call.monotonicMs() + limits.deadlineMs - MERGE_RESERVE_MS;
  const hosts: HostStatus[] = [];
  const rows: Agent[] = [];
  await inParallel(table.upstreams(), limits.concurrency, async (upstream) => {
    const heard = await ask(upstream, call, Math.min(limits.memberDeadlineMs, endsAtMs - call.monotonicMs()));
    const ownHosts = fleetLog.state.hosts().filter((host) => table.ownerOf(host) === upstream);
    for (const host of ownHosts) {
      const told = heard.kind === "answer" ? heard.response.hosts.find((one) => isSameHost(one, host)) : undefined;
      hosts.push(told ? passedOn(table.statusVia(upstream, host), told) : withFailure(table.statusVia(upstream, host), heard));
      rows.push(...rowsOf(fleetLog, host, told && heard.kind === "answer" ? heard.response : undefined));
    }
  });
  return {
    rows: rows.filter((row) => selectsRow(call.request.selector, row)).sort(compareRows),
    hosts: hosts.filter((host) => selectsHost(call.request.selector, host)).sort(compareHosts),
    epoch: fleetLog.epoch,
    rev: fleetLog.rev,
    nextPageToken: "",
    isInconsistent: false,
  };
}

type Heard = { kind: "answer"; response: ListResponse } | { kind: "failure"; code: string; detail: string; isOurs: boolean };

async function ask(upstream: Upstream, call: FanOutCall, timeoutMs: number): Promise<Heard> {
  if (timeoutMs < 20) return { kind: "failure", code: "RESOURCE_EXHAUSTED", detail: "its turn did not come before the deadline", isOurs: true };
  try {
    const headers = call.traceparent ? { traceparent: call.traceparent } : {};
    const response = await upstream.client.list({ live: true, selector: call.request.selector }, { timeoutMs, signal: call.signal, headers });
    return { kind: "answer", response };
  } catch (thrown) {
    const detail = `did not answer within ${Math.round(timeoutMs)} ms`;
    const code = statusNameOf(thrown);
    return { kind: "failure", code, detail: code === "DEADLINE_EXCEEDED" ? detail : fromConnectError(thrown, "list").message, isOurs: false };
  }
}

function rowsOf(fleetLog: FleetLog, host: HostStatus, fresh: ListResponse | undefined): Agent[] {
  if (!fresh) return fleetLog.state.rowsOf(host).map((stored) => stored.row);
  return fresh.agents.filter((row) => row.tenantId === host.tenantId && row.hostId === host.hostId);
}

function passedOn(known: HostStatus, told: HostStatus): HostStatus {
  return { ...told, via: known.via, address: known.address };
}

function withFailure(status: HostStatus, heard: Heard): HostStatus {
  if (heard.kind === "answer") return { ...status, state: HostState.UNREACHABLE, code: "NOT_FOUND", detail: "its aggregator no longer lists it" };
  const wasNeverSeen = status.asOfUnixMs === 0n;
  const state = heard.isOurs ? HostState.OVERLOADED : wasNeverSeen ? HostState.NEVER_SEEN : HostState.UNREACHABLE;
  return { ...status, state, code: heard.code, detail: heard.detail };
}

function isSameHost(a: HostStatus, b: HostStatus): boolean {
  return a.tenantId === b.tenantId && a.hostId === b.hostId;
}

async function inParallel<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  const worker = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
}
