import { agentNameOf, MosaicError, nearNames, type Roster, type RosterAgent } from "@mosaic/core";
import type { HostFleet } from "./host-fleet.ts";

/** Picks the agents that a command is about: the named ones, or every core agent of the roster.
 *  @throws MosaicError AGENT_NOT_FOUND with near names; USAGE for an ephemeral one, which needs a lane */
export function chooseAgents(roster: Roster, names: readonly string[]): readonly RosterAgent[] {
  if (names.length === 0) return roster.agents.filter((agent) => agent.lifecycle === "core");
  return [...new Set(names)].map((name) => {
    const agent = roster.agents.find((each) => each.name === name);
    if (agent === undefined) throw unknownAgent(roster, name);
    if (agent.lifecycle === "core") return agent;
    throw new MosaicError("USAGE", `"${name}" is ephemeral: it lives for one lane of work`, {
      hint: `mosaic agent start ${name} --ephemeral --lane <id>`,
    });
  });
}

/** Finds an agent that is known to be there. */
export function agentNamed(agents: readonly RosterAgent[], name: string): RosterAgent {
  const agent = agents.find((each) => each.name === name);
  if (!agent) throw new Error(`no agent ${name}`);
  return agent;
}

/** Makes sure that each name is that of an agent, a worker, or at least of a session on the fleet's socket.
 *  @throws MosaicError AGENT_NOT_FOUND with near names */
export async function assertKnown(fleet: HostFleet, names: readonly string[], signal: AbortSignal): Promise<void> {
  const known = new Set([...fleet.roster.agents, ...fleet.workers].map((agent) => agent.name));
  const strangers = names.filter((name) => !known.has(name));
  if (strangers.length === 0) return;
  const sessions = new Set((await fleet.terminal.listPanes(signal)).map((pane) => agentNameOf(pane.session)));
  for (const name of strangers) {
    if (!sessions.has(name) || name === fleet.roster.holderSession) throw unknownAgent(fleet.roster, name);
  }
}

/** Says that the roster has no such agent, and what it may have meant. */
function unknownAgent(roster: Roster, name: string): MosaicError {
  const near = nearNames(
    name,
    roster.agents.map((agent) => agent.name),
  );
  return new MosaicError("AGENT_NOT_FOUND", `the roster has no agent "${name}"`, {
    hint: near.length > 0 ? `did you mean ${near.join(", ")}?` : "see what it has: mosaic agent roster",
  });
}
