import { type Agent, HostState, type HostStatus, type ListResponse } from "@mosaic/wire";
import type { Findings } from "../simulation/findings.ts";
import type { ExpectedHost } from "./expected-host.ts";
import type { FaultLedger } from "./fault-ledger.ts";
import { stateName } from "./state-name.ts";

/** What an answer is held to. */
export interface ListClaims {
  readonly expected: readonly ExpectedHost[];
  readonly ledger: FaultLedger;
  /** Hops between a host and who answers; each may take its time to notice. Default 1. */
  readonly hops?: number;
  /** Names of further aggregators that may be named in place of hosts behind them, until they are heard for the first time. */
  readonly standIns?: readonly string[];
}

/** A member is silent after 7.5 s, which is looked at every 0.5 s; the rest is for a busy machine. */
const HOP_BOUND_MS = 7500 + 500 + 2000;
/** Ages count from a bookmark, silence from any frame: the last bookmark may be that much older. */
const BOOKMARK_MS = 1.2 * 3000;
/** A clock that counts whole milliseconds, and what was under way when a fault began. */
const SLACK_MS = 500;

/** When a host was first seen to be heard by one life of an answerer, in ms: by the epoch of its log, and by name. */
export type HeardHosts = Map<string, Map<string, number>>;

/** C1: the answer names every expected host exactly once and no other; a host that was ever heard keeps all its rows, and one that
 *  was not says so.
 *  @param askedAtMs when it was asked for, as `performance.now()` tells
 *  @returns how many rows and hosts were missing without a word */
export function checkRows(
  answer: ListResponse,
  askedAtMs: number,
  claims: ListClaims,
  heard: HeardHosts,
  findings: Findings,
): number {
  const told = new Map<string, HostStatus[]>();
  for (const host of answer.hosts) told.set(nameOf(host), [...(told.get(nameOf(host)) ?? []), host]);
  const rows = Map.groupBy(answer.agents, nameOf);
  const heardNow = heard.get(answer.epoch) ?? new Map<string, number>();
  heard.set(answer.epoch, heardNow);
  const wrongs = claims.expected.flatMap((host) => {
    const name = `${host.tenantId}/${host.name}`;
    const [status, ...more] = told.get(name) ?? [];
    told.delete(name);
    if (!status)
      return [
        `${name} is not named by ${answer.epoch} at ${answer.rev}, which names ${answer.hosts.map(briefly).join(", ") || "nobody"}`,
      ];
    if (more.length > 0) return [`${name} is named ${more.length + 1} times`];
    return wrongRows(status, host, rows.get(name) ?? [], { at: heardNow, askedAtMs }) ?? [];
  });
  const isStandIn = (host: HostStatus) => claims.standIns?.includes(host.host) && host.tenantId === "" && host.asOfUnixMs === 0n;
  const extra = [...told.values()].flat().filter((host) => !isStandIn(host));
  findings.look("C1", wrongs[0] ?? extra.map((host) => `${nameOf(host)} is named, and nobody expects it`)[0]);
  return wrongs.length;
}

/** C2: no host is LIVE longer than its bound after anything can have come from it, and none is younger than that. */
export function checkAges(
  answer: ListResponse,
  asked: { readonly atMs: number; readonly silentSinceMs: ReadonlyMap<string, number> },
  { ledger, hops = 1 }: ListClaims,
  findings: Findings,
): void {
  for (const host of answer.hosts) {
    const sinceMs = asked.silentSinceMs.get(host.host);
    // Healed while the answer was on its way: what it says is nobody's fault.
    if (sinceMs !== undefined && ledger.silentSinceMs(host.host) !== sinceMs) continue;
    findings.look("C2", wrongAge(host, sinceMs === undefined ? undefined : asked.atMs - sinceMs, hops));
  }
}

function wrongRows(
  status: HostStatus,
  host: ExpectedHost,
  rows: readonly Agent[],
  heard: { readonly at: Map<string, number>; readonly askedAtMs: number },
): string | undefined {
  const name = nameOf(status);
  // With several questions under way an earlier one may be answered later: only what was asked afterwards must know.
  const wasHeard = (heard.at.get(name) ?? Number.POSITIVE_INFINITY) < heard.askedAtMs;
  if (status.asOfUnixMs !== 0n && !heard.at.has(name)) heard.at.set(name, performance.now());
  if (rows.length !== status.agentCount) return `${name} says ${status.agentCount} rows and shows ${rows.length}`;
  if (status.asOfUnixMs === 0n) {
    if (wasHeard) return `${name} was heard before, and is shown as one that never was`;
    return status.state === HostState.LIVE || rows.length > 0
      ? `${name} is in state ${stateName(status.state)} and was never heard`
      : undefined;
  }
  const names = new Set(rows.map((row) => row.name));
  const missing = host.agents.filter((agent) => !names.has(agent));
  if (missing.length > 0) return `${name} lacks ${missing.length} rows: ${missing.slice(0, 3).join(", ")}`;
  return rows.length === host.agents.length ? undefined : `${name} shows ${rows.length} rows, it has ${host.agents.length}`;
}

function wrongAge(host: HostStatus, silentMs: number | undefined, hops: number): string | undefined {
  const name = nameOf(host);
  const isLive = host.state === HostState.LIVE;
  const boundMs = hops * HOP_BOUND_MS;
  const silent = Math.round(silentMs ?? 0);
  if (isLive && Number(host.ageMs) > boundMs + hops * BOOKMARK_MS) return `${name} is LIVE at an age of ${host.ageMs} ms`;
  if (silentMs === undefined || host.asOfUnixMs === 0n) return undefined;
  if (isLive && silentMs > boundMs) return `${name} is LIVE ${silent} ms after the last that can have come from it`;
  const isYounger = Number(host.ageMs) < silentMs * 0.999 - SLACK_MS;
  return isYounger ? `${name} is shown at an age of ${host.ageMs} ms, nothing came from it for ${silent} ms` : undefined;
}

function briefly(host: HostStatus): string {
  return `${nameOf(host)} ${stateName(host.state)} ${host.detail}`.trim();
}

function nameOf({ tenantId, host }: Pick<HostStatus, "tenantId" | "host">): string {
  return `${tenantId}/${host}`;
}
