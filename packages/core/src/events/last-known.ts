import type { AgentSeen } from "./agent-changes.ts";
import type { FleetEvent } from "./fleet-event.ts";

/** What a journal tells of how things were when it ended. */
export interface LastKnown {
  /** By `tenant/host/agent`; those that were removed are left out. */
  readonly agents: ReadonlyMap<string, AgentSeen>;
  /** States by `tenant/host`; those that were removed are left out. */
  readonly hosts: ReadonlyMap<string, string>;
  /** Of hosts and of the daemon itself, types by `tenant/host`. */
  readonly conditions: ReadonlyMap<string, ReadonlySet<string>>;
  /** Version of the daemon that was started last and not stopped; undefined: it was stopped, or there was none. */
  readonly unstopped: string | undefined;
}

/** Reads events, oldest first, for what they leave behind. */
export function lastKnown(events: Iterable<FleetEvent>): LastKnown {
  const agents = new Map<string, AgentSeen>();
  const hosts = new Map<string, string>();
  const conditions = new Map<string, Set<string>>();
  let unstopped: string | undefined;
  for (const event of events) {
    const host = `${event.tenantId}/${event.host}`;
    if (event.kind === "daemon.started") unstopped = event.to;
    else if (event.kind === "daemon.stopped") unstopped = undefined;
    else if (event.agent !== "") learnAgent(agents, `${host}/${event.agent}`, event);
    else if (event.kind === "host.removed") hosts.delete(host);
    else if (event.kind.startsWith("host.")) hosts.set(host, event.to);
    else if (event.kind === "condition.appeared") conditions.set(host, (conditions.get(host) ?? new Set()).add(event.to));
    else if (event.kind === "condition.cleared") conditions.get(host)?.delete(event.to);
  }
  return { agents, hosts, conditions, unstopped };
}

function learnAgent(agents: Map<string, AgentSeen>, key: string, { kind, to }: FleetEvent): void {
  if (kind === "agent.removed") return void agents.delete(key);
  const known = agents.get(key) ?? { state: "", detail: "", heartbeat: "", pid: 0, conditions: new Map() };
  const conditions = new Map(known.conditions);
  if (kind === "condition.appeared") agents.set(key, { ...known, conditions: conditions.set(to, "") });
  else if (kind === "condition.cleared" && conditions.delete(to)) agents.set(key, { ...known, conditions });
  else if (kind === "agent.stale" || kind === "agent.fresh") agents.set(key, { ...known, heartbeat: to });
  else if (kind.startsWith("agent.")) agents.set(key, { ...known, state: to });
}
