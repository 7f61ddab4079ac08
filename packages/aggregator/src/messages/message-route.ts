import { type FleetLog, hostKeyOf, MosaicError, resolveAddress } from "@mosaic/core";
import { type Agent, type AgentAddress, HostState, type HostStatus } from "@mosaic/wire";
import type { HostTable } from "../host-table.ts";
import type { Upstream } from "../upstream.ts";

/** Where a message's agent can be reached now; or why it can't, for people. */
export type Way = { readonly kind: "open"; readonly upstream: Upstream } | { readonly kind: "closed"; readonly why: string };

/** What is asked for the way to an agent. */
export interface Routes {
  readonly fleetLog: FleetLog;
  readonly table: HostTable;
}

/** Finds the agent that an address means.
 *  @throws MosaicError AGENT_NOT_FOUND, AGENT_AMBIGUOUS, HOST_UNREACHABLE while a host that may have it was never heard from */
export function agentAt({ fleetLog }: Routes, address: AgentAddress | undefined): Agent {
  const wanted = { tenantId: address?.tenantId ?? "", host: address?.host ?? "", name: address?.name ?? "" };
  const found = agentOn(fleetLog, wanted);
  if (found) return found;
  try {
    return resolveAddress(fleetLog.state.agents(), wanted);
  } catch (thrown) {
    const unheard = fleetLog.state.hosts().filter((host) => mayHave(host, wanted));
    if (MosaicError.from(thrown).code !== "AGENT_NOT_FOUND" || unheard.length === 0) throw thrown;
    const names = unheard.map((host) => `${host.tenantId}/${host.host}`).join(", ");
    throw new MosaicError(
      "HOST_UNREACHABLE",
      `whether there is an agent "${wanted.name}" is not known: not heard from yet: ${names}`,
      {
        hint: "see when it is tried again: mosaic host list",
      },
    );
  }
}

/** The way to a host as it is now. */
export function wayTo({ table }: Routes, host: Pick<HostStatus, "tenantId" | "hostId" | "host">): Way {
  const upstream = table.ownerOf(host);
  const name = `${host.tenantId}/${host.host}`;
  if (!upstream) return { kind: "closed", why: `no member of this aggregator speaks for host ${name}` };
  const status = table.statusVia(upstream, host);
  if (isAsked(status.state)) return { kind: "open", upstream };
  const seen = status.asOfUnixMs === 0n ? "" : `, last seen ${Math.round(Number(status.ageMs) / 1000)} s ago`;
  return { kind: "closed", why: `host ${name} does not answer${seen}: ${status.detail || status.code || "not heard from yet"}` };
}

/** Finds the agent and the member to ask now.
 *  @throws MosaicError AGENT_NOT_FOUND, AGENT_AMBIGUOUS, HOST_UNREACHABLE for a host that can't be asked now */
export function route(routes: Routes, address: AgentAddress | undefined): { agent: Agent; upstream: Upstream } {
  const agent = agentAt(routes, address);
  const way = wayTo(routes, agent);
  if (way.kind === "open") return { agent, upstream: way.upstream };
  throw new MosaicError("HOST_UNREACHABLE", `cannot reach "${agent.name}": ${way.why}`, {
    hint: "see when it is tried again: mosaic host list",
  });
}

/** Names an agent for good: two hosts of one name are two. */
export function agentKey(agent: Pick<Agent, "tenantId" | "hostId" | "host" | "name">): string {
  return `${hostKeyOf(agent)}/${agent.name}`;
}

// A complete address leads to one host, and only its own rows need be looked at: a fleet has eight times as many rows as hosts.
function agentOn(
  { state }: FleetLog,
  { tenantId, host, name }: Pick<AgentAddress, "tenantId" | "host" | "name">,
): Agent | undefined {
  if (tenantId === "" || host === "") return undefined;
  const hosts = state.hosts().filter((one) => one.tenantId === tenantId && (one.host === host || one.hostId === host));
  const [only] = hosts;
  return hosts.length === 1 && only ? state.row({ tenantId, hostId: only.hostId, name })?.row : undefined;
}

function mayHave(host: HostStatus, wanted: { readonly tenantId: string; readonly host: string }): boolean {
  const isMeant = [host.tenantId, ""].includes(wanted.tenantId) && [host.host, ""].includes(wanted.host);
  return isMeant && (host.state === HostState.WARMING || host.state === HostState.NEVER_SEEN);
}

// What is only late is asked: the call's own deadline decides.
function isAsked(state: HostState): boolean {
  return state === HostState.LIVE || state === HostState.STALE || state === HostState.DRAINING;
}
