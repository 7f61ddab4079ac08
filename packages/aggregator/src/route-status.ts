import { create } from "@bufbuild/protobuf";
import type { Clock, Freshness } from "@mosaic/core";
import { formatAddress } from "@mosaic/core/membership";
import { type Condition, HostState, type HostStatus, HostStatusSchema } from "@mosaic/wire";
import { clockSkew } from "./clock-skew.ts";
import { imposedState } from "./link.ts";
import type { Upstream } from "./upstream.ts";

/** Aggregators that may stand between a host and who asks: more are a mistake, and each costs a hop's delay and age. */
export const MAX_DEPTH = 3;

/** What names a host, whoever tells of it. */
export type HostName = Pick<HostStatus, "tenantId" | "hostId" | "host">;

/** What one upstream lets us say of a host now, on its own.
 *  @param remembered the way to the host as it was in an earlier life of this aggregator
 *  @returns the status without `routes` */
export function statusBy(
  upstream: Upstream,
  told: HostName,
  {
    clock,
    ownId,
    remembered,
  }: { readonly clock: Clock; readonly ownId: string; readonly remembered: Pick<HostStatus, "via"> | undefined },
): HostStatus {
  const nowMs = clock.monotonicMs();
  const { link, view, member } = upstream;
  const known = view.state.host(told);
  const fresh = view.freshness(told);
  const retryAtMs = link.kind === "lost" ? link.retryAtMs : 0;
  const ageMs = fresh ? ageNow(fresh, clock) : 0;
  const via = [...(known?.via ?? remembered?.via ?? []), ownId];
  const wasHeard = known !== undefined || (remembered !== undefined && told.hostId !== "");
  const skew = known?.via.length === 0 && fresh ? clockSkew(Number(fresh.asOfUnixMs) + ageMs - clock.nowUnixMs()) : undefined;
  const before = known ?? NOTHING_TOLD;
  // A copy of one level, field by field: this is made for every host of every answer. A message that its schema makes costs ten
  // times as much, and one that is spread three times.
  const status: HostStatus = {
    $typeName: before.$typeName,
    tenantId: (known ?? told).tenantId,
    host: (known ?? told).host,
    hostId: (known ?? told).hostId,
    asOfRev: before.asOfRev,
    code: before.code,
    detail: before.detail,
    version: before.version,
    state: imposedState(link, wasHeard) ?? known?.state ?? HostState.WARMING,
    ageMs: BigInt(ageMs),
    asOfUnixMs: fresh?.asOfUnixMs ?? 0n,
    retryInMs: Math.max(0, Math.round(retryAtMs - nowMs)),
    via,
    agentCount: view.state.rowCountOf(told),
    address: before.address || formatAddress(upstream.endpoint),
    conditions: withCondition(before.conditions, skew),
    routes: [],
    sources: [...(member.sources ?? before.sources)],
  };
  // What a newer contract tells goes on with it.
  if (before.$unknown) status.$unknown = before.$unknown;
  if (link.kind === "lost") {
    status.code = link.code;
    status.detail = member.role === "aggregator" ? `${member.name}: ${link.detail}` : link.detail;
  } else if (link.kind === "silent") {
    status.code = "DEADLINE_EXCEEDED";
    status.detail = "nothing heard from it";
  }
  if (member.draining !== undefined && status.state === HostState.LIVE) {
    status.state = HostState.DRAINING;
    status.detail = member.draining;
  }
  return via.length > MAX_DEPTH ? tooDeep(status) : status;
}

const NOTHING_TOLD = create(HostStatusSchema);

/** How old news of a host are now, in ms: as old as they were told to be, and the time since. */
export function ageNow(fresh: Freshness, clock: Pick<Clock, "monotonicMs">): number {
  return Math.max(0, Math.round(fresh.ageMs + clock.monotonicMs() - fresh.receivedAtMs));
}

/** True for a host that too many aggregators stand before: it is named, and nothing else of it is believed. */
export function isTooDeep(upstream: Upstream, host: HostName): boolean {
  return (upstream.view.state.host(host)?.via.length ?? 0) + 1 > MAX_DEPTH;
}

// The one that first finds it too deep says so; those above pass it on.
function tooDeep(status: HostStatus): HostStatus {
  if (status.state !== HostState.INCOMPATIBLE) {
    status.code = "FAILED_PRECONDITION";
    status.detail = `${status.via.length} aggregators are on the way to it, at most ${MAX_DEPTH} may be`;
  }
  status.state = HostState.INCOMPATIBLE;
  status.agentCount = 0;
  return status;
}

/** Adds or replaces a condition, in the order of their types. */
export function withCondition(conditions: readonly Condition[], added: Condition | undefined): Condition[] {
  if (!added) return [...conditions];
  const others = conditions.filter((one) => one.type !== added.type);
  return [...others, added].sort((a, b) => (a.type < b.type ? -1 : a.type > b.type ? 1 : 0));
}
