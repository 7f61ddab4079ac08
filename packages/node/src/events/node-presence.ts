import { create } from "@bufbuild/protobuf";
import { type Clock, type FleetLog, resolveAddress, selectsHost } from "@mosaic/core";
import { daemonPresence, type FleetHandlers, type LiveStreams, presenceWithin } from "@mosaic/rpc";
import { type AgentAddress, type AgentSign, AgentSignSchema, type HostStatus } from "@mosaic/wire";
import { addressOf } from "../terminal-streams.ts";

export interface PresenceDeps {
  readonly fleetLog: FleetLog;
  readonly clock: Clock;
  readonly streams: LiveStreams;
  /** The node's own host, as of now. */
  readonly status: () => HostStatus;
  readonly identity: { readonly tenantId: string; readonly host: string; readonly hostId: string; readonly version: string };
  /** By the monotonic clock. */
  readonly startedAtMs: number;
}

/** Serves Presence of a node. A caller of another tenant, who may see this one, sees its own tenant's callers. */
export function presenceHandler(deps: PresenceDeps): FleetHandlers["presence"] {
  const { fleetLog, clock, streams, status, identity, startedAtMs } = deps;
  const { tenantId, host, hostId: id, version } = identity;
  return async ({ selector }, { caller }) => {
    const hosts = [status()].filter((one) => selectsHost(selector, one));
    if (hosts.length === 0) return { daemons: [], hosts };
    const facts = { id, role: "node", tenantId, host, version, uptimeMs: Math.round(clock.monotonicMs() - startedAtMs) };
    const agents = agentSigns(fleetLog, clock);
    const here = daemonPresence({ facts, roll: streams.callers, agents, resolve: (agent) => addressIfKnown(fleetLog, agent) });
    const peer = caller?.kind === "peer" ? caller.identity : undefined;
    // An aggregator keeps its own callers apart.
    const isWhole = peer === undefined || !("tenantId" in peer);
    return { daemons: [isWhole ? here : presenceWithin(here, [peer.tenantId])], hosts };
  };
}

function agentSigns(fleetLog: FleetLog, clock: Clock): AgentSign[] {
  const nowUnixMs = clock.nowUnixMs();
  return fleetLog.state.agents().map((row) => {
    // What its terminal shows is a sign of life too.
    const atUnixMs = Math.max(Number(row.heartbeat?.atUnixMs ?? 0n), Number(row.pane?.lastActivityUnixMs ?? 0n));
    const ageMs = BigInt(atUnixMs === 0 ? 0 : Math.max(0, nowUnixMs - atUnixMs));
    return create(AgentSignSchema, { agent: addressOf(row), state: row.state, heard: atUnixMs > 0, ageMs });
  });
}

function addressIfKnown(fleetLog: FleetLog, agent: { tenantId: string; host: string; name: string }): AgentAddress | undefined {
  try {
    return addressOf(resolveAddress(fleetLog.state.agents(), agent));
  } catch {
    // It went meanwhile, or nobody knows which was meant: then it is told as it was named.
    return undefined;
  }
}
