import {
  type Clock,
  compareHosts,
  compareRows,
  type FleetLog,
  hostKeyOf,
  type PinnedList,
  selectsHost,
  selectsRow,
} from "@mosaic/core";
import { type Agent, HostState, type HostStatus } from "@mosaic/wire";
import type { Heard, HeardFailure } from "./fan-out/ask-member.ts";
import { capRows, type HostAnswer } from "./fan-out/cap-rows.ts";
import type { FanOut, FanOutCall } from "./fan-out/fan-out.ts";
import type { HostTable } from "./host-table.ts";
import { refusedFor } from "./question-path.ts";
import type { Upstream } from "./upstream.ts";

export interface LiveListDeps {
  readonly table: HostTable;
  readonly fleetLog: FleetLog;
  readonly clock: Clock;
  readonly fanOut: FanOut;
}

/** Asks every member that has a selected host now, within the call's time, and answers for each expected host: with what it
 *  said, or, named with the reason, with what is remembered of it. */
export async function listLive(deps: LiveListDeps, call: FanOutCall): Promise<PinnedList> {
  const { table, fleetLog, fanOut } = deps;
  const selected = () => fleetLog.state.hosts().filter((host) => selectsHost(call.selector, host));
  const asked = selected().filter((host) => refusedFor(call.via, host) === undefined);
  const owners = new Set(asked.flatMap((host) => table.ownerOf(host) ?? []));
  for (const owner of owners) if (isRefused(owner)) owners.delete(owner);
  const heard = await fanOut.ask([...owners], { ...call, via: [...call.via, table.ownId] });
  // Put together at one moment and from the hosts that are expected then: one that changed its owner meanwhile must not
  // fall between two answers.
  const answers = capRows(
    selected().map((host) => answerFor(deps, host, heard, refusedFor(call.via, host))),
    fanOut.limits,
  );
  const rows = answers
    .flatMap((answer) => answer.rows)
    .filter((row) => selectsRow(call.selector, row))
    .sort(compareRows);
  const hosts = answers.map((answer) => answer.status).sort(compareHosts);
  return { rows, hosts, epoch: fleetLog.epoch, rev: fleetLog.rev, isLive: true };
}

/** True for a member that is not what it should be: it must not speak for a host. */
export function isRefused({ link }: Upstream): boolean {
  return link.kind === "lost" && link.state !== HostState.UNREACHABLE;
}

function answerFor(
  { table, fleetLog }: LiveListDeps,
  host: HostStatus,
  heard: ReadonlyMap<Upstream, Heard>,
  refused: string | undefined,
): HostAnswer {
  const owner = table.ownerOf(host);
  const remembered = { status: table.asOfNow(host), rows: rowsOf(fleetLog, host), isCut: false };
  const word = owner && heard.get(owner);
  if (remembered.status.state === HostState.INCOMPATIBLE) return remembered;
  if (refused !== undefined)
    return { ...remembered, status: withFailure(remembered.status, { code: REFUSED, detail: refused, isOurs: false }) };
  // Refused, or joined after the asking: what is known of it is the answer.
  if (!word) return remembered;
  if (word.kind === "failure") return { ...remembered, status: withFailure(remembered.status, word) };
  const told = word.hosts.get(hostKeyOf(host));
  if (!told) return { ...remembered, status: withFailure(remembered.status, NOT_LISTED) };
  const rows = word.rows.get(hostKeyOf(told)) ?? [];
  const isCut = word.isCut && rows.length < told.agentCount;
  return { status: asTold(told, remembered.status, table.ownId), rows, isCut };
}

// What the host says now, and what we know besides: the ways to it, who expects it, and that it is taken out of service.
function asTold(told: HostStatus, known: HostStatus, ownId: string): HostStatus {
  const { routes, sources } = known;
  const [used, ...others] = routes;
  const now = used ? [{ ...used, state: told.state, detail: told.detail, ageMs: told.ageMs }, ...others] : [];
  const isDraining = known.state === HostState.DRAINING && told.state === HostState.LIVE;
  const drained = isDraining ? { state: known.state, detail: known.detail } : {};
  return { ...told, ...drained, via: [...told.via, ownId], address: told.address || known.address, routes: now, sources };
}

function rowsOf(fleetLog: FleetLog, host: HostStatus): Agent[] {
  return fleetLog.state.rowsOf(host).map((stored) => stored.row);
}

const NOT_LISTED: HeardFailure = {
  kind: "failure",
  code: "NOT_FOUND",
  detail: "the member that it was behind no longer lists it",
  isOurs: false,
};

/** The status of what can't be asked as things are set up, for example because members lead back to us. */
const REFUSED = "FAILED_PRECONDITION";

/** A host's status after it failed to answer. */
export function withFailure(status: HostStatus, failure: Omit<HeardFailure, "kind">): HostStatus {
  const { code, detail, isOurs } = failure;
  const wasNeverSeen = status.asOfUnixMs === 0n && status.state !== HostState.UNREACHABLE;
  const lost = wasNeverSeen ? HostState.NEVER_SEEN : HostState.UNREACHABLE;
  const state = isOurs ? HostState.OVERLOADED : code === REFUSED ? HostState.INCOMPATIBLE : lost;
  const waits = [status.retryInMs, failure.retryInMs ?? 0].filter((waitMs) => waitMs > 0);
  return { ...status, state, code, detail, retryInMs: waits.length > 0 ? Math.min(...waits) : 0 };
}

/** Does the work for each, at most `width` at the same time. */
export async function inParallel<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  const worker = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
}
