import { type RosterAgent, sessionNameOf } from "@mosaic/core";
import type { Outcome } from "@mosaic/lifecycle";
import type { HostFleet } from "./host-fleet.ts";

/** Says what a start would come to, from what runs now. */
export async function wouldStart(
  fleet: HostFleet,
  agents: readonly RosterAgent[],
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const alive = await liveSessions(fleet, signal);
  return agents.map(({ name }) => outcome(name, alive.has(sessionNameOf(name)) ? "already running" : "started"));
}

/** Says what a restart would come to. */
export async function wouldRestart(
  fleet: HostFleet,
  agents: readonly RosterAgent[],
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const alive = await liveSessions(fleet, signal);
  return agents.map(({ name }) => outcome(name, alive.has(sessionNameOf(name)) ? "restarted" : "started"));
}

/** Says what a stop would come to. */
export async function wouldStop(fleet: HostFleet, names: readonly string[], signal: AbortSignal): Promise<readonly Outcome[]> {
  const alive = await liveSessions(fleet, signal);
  return names.map((name) => outcome(name, alive.has(sessionNameOf(name)) ? "stopped" : "not running"));
}

async function liveSessions(fleet: HostFleet, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const panes = await fleet.terminal.listPanes(signal);
  return new Set(panes.filter((pane) => !pane.isDead).map((pane) => pane.session));
}

function outcome(name: string, what: Outcome["outcome"]): Outcome {
  return { name, outcome: what, detail: "", hint: "" };
}
