import type { RosterAgent } from "@mosaic/core";
import type { Outcome, StartOptions } from "@mosaic/lifecycle";
import type { Io } from "../io/io.ts";
import { actOnAgents } from "./act-on-agents.ts";
import { agentNamed } from "./choose-agents.ts";
import type { HostFleet } from "./host-fleet.ts";
import { refreshAgents } from "./refresh-agents.ts";

/** Starts core agents of this host as the roster says now, one after the other.
 *  @throws MosaicError MACHINE when what systemd starts them from can't be written */
export async function startAgents(
  fleet: HostFleet,
  agents: readonly RosterAgent[],
  options: StartOptions,
  io: Io,
): Promise<readonly Outcome[]> {
  await refreshAgents(fleet, agents, io.signal);
  const names = agents.map((agent) => agent.name);
  const isNeeded = (isAlive: boolean) => !isAlive;
  const act = (name: string) => fleet.supervisor.start(agentNamed(agents, name), io.signal, options);
  return await actOnAgents(fleet, names, { action: "agent.start", verb: "starting", isNeeded, act }, io);
}

/** Tells who wanted fresh conversations of agents that run already, and go on with theirs. */
export function notFresh(outcomes: readonly Outcome[], { isFresh = false }: StartOptions): string[] {
  const left = outcomes.filter(({ outcome }) => outcome === "already running").map(({ name }) => name);
  if (!isFresh || left.length === 0) return [];
  return [`what runs already goes on with its conversation; for a fresh one: mosaic fleet restart ${left.join(" ")} --fresh`];
}
