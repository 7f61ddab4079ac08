import { create } from "@bufbuild/protobuf";
import {
  type AgentAddress,
  AgentAddressSchema,
  type AgentSign,
  CallerPresenceSchema,
  type DaemonPresence,
  DaemonPresenceSchema,
  TerminalPresenceSchema,
} from "@mosaic/wire";
import type { CallerName } from "./caller-name.ts";
import type { CallerRoll, TerminalSeen } from "./caller-roll.ts";

/** A daemon as it tells of itself. */
export type DaemonFacts = Pick<DaemonPresence, "id" | "role" | "tenantId" | "host" | "version"> & { readonly uptimeMs: number };

export interface DaemonPresenceDeps {
  readonly facts: DaemonFacts;
  readonly roll: CallerRoll;
  readonly agents: readonly AgentSign[];
  /** The complete address of an agent as somebody named it; undefined: it is not known any more. */
  readonly resolve: (agent: TerminalSeen["agent"]) => AgentAddress | undefined;
}

/** Tells who is connected to a daemon now. */
export function daemonPresence({ facts, roll, agents, resolve }: DaemonPresenceDeps): DaemonPresence {
  // The host's own user is of the node's tenant.
  const tenantOf = ({ subject, tenantId }: CallerName) => (subject === "local" ? facts.tenantId : tenantId);
  const age = (ms: number) => BigInt(roll.ageOf(ms));
  const callers = roll.callers().map(({ name, firstMs, lastMs, lastMethod, calls, streams }) =>
    create(CallerPresenceSchema, {
      ...{ subject: name.subject, kind: name.kind, carrier: name.carrier, tenantId: tenantOf(name), relayedBy: name.relayedBy },
      ...{ streams: { ...streams }, lastMethod, lastCallAgeMs: age(lastMs), knownForMs: age(firstMs), calls: BigInt(calls) },
    }),
  );
  const terminals = roll.terminals().map(({ name, agent, mode, label, sinceMs }) =>
    create(TerminalPresenceSchema, {
      agent: resolve(agent) ?? create(AgentAddressSchema, agent),
      ...{ mode, subject: name.subject, tenantId: tenantOf(name), label, forMs: age(sinceMs) },
    }),
  );
  terminals.sort((a, b) => (addressText(a.agent) < addressText(b.agent) ? -1 : 1));
  const { uptimeMs, ...others } = facts;
  return create(DaemonPresenceSchema, { ...others, uptimeMs: BigInt(uptimeMs), callers, terminals, agents: [...agents] });
}

/** What of a daemon's presence somebody may see who may see some tenants only: their callers, and who is at the terminals of their
 *  agents, who of them is of another tenant without a name. */
export function presenceWithin(daemon: DaemonPresence, tenantIds: readonly string[]): DaemonPresence {
  const isSeen = ({ tenantId }: { readonly tenantId: string }) => tenantIds.includes(tenantId);
  const terminals = daemon.terminals.filter(({ agent }) => agent && isSeen(agent));
  return {
    ...daemon,
    callers: daemon.callers.filter(isSeen),
    terminals: terminals.map((one) => (isSeen(one) ? one : { ...one, subject: "", tenantId: "", label: "" })),
    agents: daemon.agents.filter(({ agent }) => agent && isSeen(agent)),
  };
}

function addressText(agent: AgentAddress | undefined): string {
  return `${agent?.tenantId}/${agent?.host}/${agent?.name}`;
}
