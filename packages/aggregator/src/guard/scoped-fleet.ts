import { create } from "@bufbuild/protobuf";
import { type FleetLog, MosaicError, resolveAddress } from "@mosaic/core";
import type { Scope } from "@mosaic/rpc";
import {
  type Agent,
  type AgentAddress,
  AgentAddressSchema,
  HostState,
  type HostStatus,
  HostStatusSchema,
  type Selector,
  SelectorSchema,
} from "@mosaic/wire";

/** Takes out of a selector every tenant that a caller may not see. One that means all tenants means all of the caller's. */
export function scopedSelector(selector: Selector | undefined, { tenantIds }: Scope): Selector {
  const asked = selector?.tenantIds ?? [];
  const seen = asked.length === 0 ? tenantIds : asked.filter((tenantId) => tenantIds.includes(tenantId));
  // No tenant is called so: what nobody asks for would mean everything.
  const { hosts = [], names = [] } = selector ?? {};
  return create(SelectorSchema, { hosts, names, tenantIds: seen.length > 0 ? [...seen] : ["?"] });
}

/** Finds the agent that an address means among those that a caller may see; what it may not see is not there.
 *  @returns the complete address
 *  @throws MosaicError AGENT_NOT_FOUND, AGENT_AMBIGUOUS, HOST_UNREACHABLE while a host in scope that may have it was never heard */
export function scopedAgent(fleetLog: FleetLog, address: AgentAddress | undefined, scope: Scope): Agent {
  const wanted = { tenantId: address?.tenantId ?? "", host: address?.host ?? "", name: address?.name ?? "" };
  const isSeen = ({ tenantId }: { readonly tenantId: string }) => scope.tenantIds.includes(tenantId);
  try {
    return resolveAddress(fleetLog.state.agents().filter(isSeen), wanted);
  } catch (thrown) {
    const unheard = fleetLog.state.hosts().filter((host) => isSeen(host) && mayHave(host, wanted));
    if (MosaicError.from(thrown).code !== "AGENT_NOT_FOUND" || unheard.length === 0) throw thrown;
    const names = unheard.map((host) => `${host.tenantId}/${host.host}`).join(", ");
    throw new MosaicError(
      "HOST_UNREACHABLE",
      `whether there is an agent "${wanted.name}" is not known: not heard from yet: ${names}`,
      { hint: "see when it is tried again: mosaic host list" },
    );
  }
}

export function addressOf({ tenantId, host, name }: Agent): AgentAddress {
  return create(AgentAddressSchema, { tenantId, host, name });
}

/** What of a foreign tenant's host a fleet-observer sees: that it is there, how it is, how many agents it has. */
export function surveyed({ tenantId, host, hostId, state, ageMs, asOfUnixMs, agentCount }: HostStatus): HostStatus {
  return create(HostStatusSchema, { tenantId, host, hostId, state, ageMs, asOfUnixMs, agentCount });
}

function mayHave(host: HostStatus, wanted: { readonly tenantId: string; readonly host: string }): boolean {
  const isMeant = [host.tenantId, ""].includes(wanted.tenantId) && [host.host, ""].includes(wanted.host);
  return isMeant && (host.state === HostState.WARMING || host.state === HostState.NEVER_SEEN);
}
