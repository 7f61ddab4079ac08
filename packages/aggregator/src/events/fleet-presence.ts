import { type Clock, resolveAddress } from "@mosaic/core";
import { type CallContext, type DaemonFacts, daemonPresence, type LiveStreams } from "@mosaic/rpc";
import type { AgentAddress, DaemonPresence, HostStatus, PresenceRequest } from "@mosaic/wire";
import type { Routes } from "../messages/message-route.ts";
import { fullAddress } from "../relay.ts";
import { askMembers, membersFor } from "./ask-members.ts";

export interface FleetPresenceDeps extends Routes {
  readonly clock: Clock;
  readonly streams: LiveStreams;
}

/** Tells who is connected to this aggregator, and asks every member that has a selected host the same; who did not answer is named. */
export async function fleetPresence(
  deps: FleetPresenceDeps,
  facts: DaemonFacts,
  request: PresenceRequest,
  context: CallContext,
): Promise<{ daemons: DaemonPresence[]; hosts: HostStatus[] }> {
  const resolve = (agent: { tenantId: string; host: string; name: string }) => addressIfKnown(deps, agent);
  const here = daemonPresence({ facts, roll: deps.streams.callers, agents: [], resolve });
  const others: DaemonPresence[] = [];
  const asked = membersFor(deps, request.selector);
  const hosts = await askMembers(deps, asked, context, "presence", async ({ upstream, selector }, options) => {
    const { daemons } = await upstream.client.presence({ selector }, options);
    others.push(...daemons);
  });
  others.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  return { daemons: [here, ...others], hosts };
}

function nameOf({ tenantId, host, id }: DaemonPresence): string {
  return `${tenantId}/${host}/${id}`;
}

function addressIfKnown({ fleetLog }: Routes, agent: { tenantId: string; host: string; name: string }): AgentAddress | undefined {
  try {
    return fullAddress(resolveAddress(fleetLog.state.agents(), agent));
  } catch {
    // It went meanwhile, or nobody knows which was meant: then it is told as it was named.
    return undefined;
  }
}
