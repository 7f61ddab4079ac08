import type { Member } from "@mosaic/aggregator";
import type { ListAnswer } from "@mosaic/rpc";
import { HostState, type HostStatus, type ListRequest } from "@mosaic/wire";
import type { Known } from "./carrier.ts";
import type { Findings } from "./findings.ts";
import { NODE_STALE_AFTER_MS } from "./sim-node.ts";
import { nameOf, rowsText, type StreamRecord } from "./stream-record.ts";

/** Who answers, and what it can be held to. */
export interface Answerer {
  readonly name: string;
  readonly id: string;
  readonly members: readonly Member[];
  /** What a member told it in this life. */
  readonly recordOf: (member: Member) => StreamRecord | undefined;
  /** True where memberships lead back to it. */
  readonly isInLoop: boolean;
  /** True from when nodes changed their addresses. */
  readonly areAddressesSwapped: boolean;
  /** The hosts that were last behind a member in this life or an earlier one; undefined: it never told any. */
  readonly remembered: (member: Member) => readonly string[] | undefined;
  readonly knows: (host: string) => Known | undefined;
  /** When a node last ran, and when it had last read its host, in ms of the world; undefined: it is no node. */
  readonly node: (host: string) => NodeTruth | undefined;
}

/** What is true of a node. */
export interface NodeTruth {
  readonly lastRanMs: number;
  readonly lastReadMs: number;
  readonly wasBlindSince: (ms: number) => boolean;
}

/** A member is called silent after 7.5 s, which is looked at every 0.5 s; one that is asked at another address just then has 2 s
 *  more; what is under way may take a second. */
const HOP_BOUND_MS = 7500 + 500 + 2000 + 1000;
/** What a cut held back may arrive until the member is given up, after 12 s, and is taken for new: nobody can tell. */
const HELD_BACK_MS = 12_500;
/** A node calls its own rows stale after 10 s. */
const NODE_BOUND_MS = NODE_STALE_AFTER_MS + 600;
const MAX_DEPTH = 3;
/** Roundings and clocks that run a little too fast. */
const SLACK_MS = 80;

/** C1: the answer names every host that is expected, once, and holds the rows of each as one of the ways to it tells them. */
export function checkConservation(answerer: Answerer, request: ListRequest, answer: ListAnswer, findings: Findings): void {
  const tenants = request.selector?.tenantIds ?? [];
  const isMeant = (tenantId: string) => tenants.length === 0 || tenants.includes(tenantId);
  const { hosts, standIns } = expectedHosts(answerer);
  const expected = [...hosts].filter((name) => !standIns.has(name) && isMeant(name.split("/")[0] ?? "")).sort();
  const all = answer.hosts.map(nameOf).filter((name) => !standIns.has(name));
  // Of those that watch each other each may remember what it had from the other: more than is expected, and never less.
  const isMore = (name: string, index: number) => !hosts.has(name) && all.indexOf(name) === index;
  const told = (answerer.isInLoop ? all.filter((name, index) => !isMore(name, index)) : all).sort();
  findings.look(
    "C1",
    told.join() === expected.join() ? undefined : `${answerer.name} answers for ${told}, expected are ${expected}`,
  );
  if (request.live) return;
  for (const host of answer.hosts) findings.look("C1", wrongRows(answerer, host, answer));
}

/** C2: nothing is shown LIVE beyond its bound, and nothing fresher than anybody on the way to it can know. */
export function checkFreshness(
  answerer: Answerer,
  request: ListRequest,
  answer: ListAnswer,
  nowMs: number,
  findings: Findings,
): void {
  for (const host of answer.hosts) {
    findings.look("C2", tooLive(answerer, host, nowMs, request.live));
    if (!request.live) findings.look("C2", tooYoung(answerer, host, nowMs));
  }
}

// Where nothing but our own word comes back from a further aggregator, its name may stand there or not.
function expectedHosts({ id, members, recordOf, remembered }: Answerer): { hosts: Set<string>; standIns: Set<string> } {
  const hosts = new Set<string>();
  const standIns = new Set<string>();
  for (const member of members) {
    const record = member.role === "aggregator" ? recordOf(member) : undefined;
    const earlier = member.role === "aggregator" ? remembered(member) : undefined;
    const behind = record?.isComplete ? record.hostsNotVia(id) : (earlier ?? []);
    const isLoop = behind.length === 0 && (earlier !== undefined || (record?.hosts.size ?? 0) > 0);
    for (const host of behind) hosts.add(host);
    if (isLoop) standIns.add(`/${member.name}`);
    else if (behind.length === 0 && !record?.isComplete) hosts.add(`${member.tenantId}/${member.name}`);
  }
  return { hosts, standIns };
}

function wrongRows(
  { name, id, members, recordOf, areAddressesSwapped }: Answerer,
  host: HostStatus,
  answer: ListAnswer,
): string | undefined {
  // Of a host that too many aggregators stand before, nothing but its name is shown.
  if (host.state === HostState.INCOMPATIBLE) return undefined;
  const rows = answer.rows.filter((row) => row.tenantId === host.tenantId && row.host === host.host);
  const shown = rowsText(rows.map((row) => [row.name, row.sessionId]));
  const told = members.flatMap((member) => {
    // For a moment a host may be told twice: by name only, and by its id.
    const recorded = [...(recordOf(member)?.hosts.values() ?? [])].filter(
      ({ status }) => nameOf(status) === nameOf(host) && !status.via.includes(id),
    );
    return recorded.map(({ rows: each }) => rowsText([...each].map(([row, { content }]) => [row, content])));
  });
  if (told.includes(shown) || (told.length === 0 && shown === "")) return undefined;
  // A way at whose address somebody else answers says no more; another, never heard so far, may speak before it.
  if (shown === "" && host.asOfUnixMs === 0n && areAddressesSwapped) return undefined;
  return `${name} shows for ${nameOf(host)} the rows [${shown}], its ways tell [${told.join("] or [")}]`;
}

function tooLive(answerer: Answerer, host: HostStatus, nowMs: number, isAsked: boolean): string | undefined {
  if (host.state !== HostState.LIVE) return undefined;
  const { name, knows, node } = answerer;
  const found = node(host.host);
  if (!found) return `${name} shows ${nameOf(host)} LIVE, which is no node`;
  // Asked just now, it may know more than its streams told.
  const known = isAsked ? undefined : (knows(host.host) ?? { toldAtMs: 0, trueAtMs: 0 });
  const hops = Math.min(host.via.length, MAX_DEPTH);
  const boundMs = hops * HOP_BOUND_MS;
  const truthBoundMs = boundMs + hops * HELD_BACK_MS;
  const unheardMs = nowMs - (known?.toldAtMs ?? nowMs);
  const goneMs = nowMs - found.lastRanMs;
  const unreadMs = nowMs - Math.min(found.lastReadMs, known?.trueAtMs ?? nowMs);
  const after = `${name} shows ${nameOf(host)} LIVE after`;
  if (unheardMs > boundMs) return `${after} ${Math.round(unheardMs)} ms without word of its node, bound ${boundMs} ms`;
  if (goneMs > truthBoundMs) return `${after} its node was gone for ${Math.round(goneMs)} ms, bound ${truthBoundMs} ms`;
  if (unreadMs > truthBoundMs + NODE_BOUND_MS) return `${after} ${Math.round(unreadMs)} ms in which nobody could read it`;
  // Only what its own node could not read may be older than word of it.
  const ageBoundMs = boundMs + (found.wasBlindSince(nowMs - truthBoundMs - NODE_BOUND_MS) ? NODE_BOUND_MS : 0);
  if (Number(host.ageMs) > ageBoundMs)
    return `${name} shows ${nameOf(host)} LIVE at an age of ${host.ageMs} ms, bound ${ageBoundMs} ms`;
  return undefined;
}

function tooYoung({ name, knows }: Answerer, host: HostStatus, nowMs: number): string | undefined {
  if (host.asOfUnixMs === 0n) return undefined;
  const known = knows(host.host);
  if (!known) return `${name} shows ${nameOf(host)} at an age of ${host.ageMs} ms and never heard of it`;
  const leastMs = nowMs - known.reckonedAtMs;
  if (Number(host.ageMs) >= leastMs * 0.999 - SLACK_MS) return undefined;
  return `${name} shows ${nameOf(host)} at an age of ${host.ageMs} ms, which is ${Math.round(leastMs)} ms at least`;
}
