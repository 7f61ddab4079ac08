import type { RosterAgent } from "@mosaic/core";
import type { Outcome } from "@mosaic/lifecycle";
import type { HostFleet } from "./host-fleet.ts";
import { isAliveIn } from "./live-sessions.ts";

/** Says what a start would come to, from what runs now. */
export async function wouldStart(
  fleet: HostFleet,
  agents: readonly RosterAgent[],
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const isAlive = await isAliveIn(fleet, signal);
  return agents.map(({ name }) => outcome(name, isAlive(name) ? "already running" : "started"));
}

/** Says what a restart would come to. */
export async function wouldRestart(
  fleet: HostFleet,
  agents: readonly RosterAgent[],
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const isAlive = await isAliveIn(fleet, signal);
  return agents.map(({ name }) => outcome(name, isAlive(name) ? "restarted" : "started"));
}

/** Says what a stop would come to. */
export async function wouldStop(fleet: HostFleet, names: readonly string[], signal: AbortSignal): Promise<readonly Outcome[]> {
  const isAlive = await isAliveIn(fleet, signal);
  return names.map((name) => outcome(name, isAlive(name) ? "stopped" : "not running"));
}

function outcome(name: string, what: Outcome["outcome"]): Outcome {
  return { name, outcome: what, detail: "", hint: "" };
}
