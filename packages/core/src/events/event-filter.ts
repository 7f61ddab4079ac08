import type { FleetEvent } from "./fleet-event.ts";

/** Which events are asked for. Every list is a set of alternatives; an empty one does not restrict. */
export interface EventFilter {
  readonly tenantIds: readonly string[];
  /** By name. */
  readonly hosts: readonly string[];
  /** Agents by name; with them, what concerns no agent is left out. */
  readonly names: readonly string[];
  /** `agent.died`, or `agent` for all that begin with `agent.`. */
  readonly kinds: readonly string[];
  /** 0: all. */
  readonly sinceUnixMs: number;
}

/** True for an event that is asked for. */
export function isAskedFor(event: FleetEvent, filter: EventFilter): boolean {
  const { tenantIds, hosts, names, kinds, sinceUnixMs } = filter;
  return (
    event.atUnixMs >= sinceUnixMs &&
    (tenantIds.length === 0 || tenantIds.includes(event.tenantId)) &&
    (hosts.length === 0 || hosts.includes(event.host)) &&
    (names.length === 0 || names.includes(event.agent)) &&
    isOfKind(event.kind, kinds)
  );
}

/** True for a dotted name that is one of those asked for, or below one; also when none is. */
export function isOfKind(name: string, kinds: readonly string[]): boolean {
  return kinds.length === 0 || kinds.some((each) => name === each || name.startsWith(`${each}.`));
}
