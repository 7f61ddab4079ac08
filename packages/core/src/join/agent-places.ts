import type { PaneFacts } from "../ports/terminal-server.ts";
import type { UnitFacts } from "../ports/units.ts";
import type { Roster, RosterAgent } from "../roster/roster.ts";
import { agentNameOf, sessionNameOf } from "../roster/session-name.ts";
import { agentOfUnit, agentUnit } from "../roster/unit-name.ts";
import type { PlaneReadings } from "./plane-readings.ts";
import { panesBySession, type SessionPanes } from "./session-panes.ts";
import type { UnitPlane } from "./unit-plane.ts";

/** Where one agent is: its entry, pane and unit, and what was seen in the pane. */
export interface AgentPlace {
  readonly name: string;
  readonly entry: RosterAgent | undefined;
  readonly pane: PaneFacts | undefined;
  /** Further live panes of its session in which a runtime runs, for example `%4 claude`; empty: none. */
  readonly otherRuntimes: string;
  readonly drift: string | undefined;
  readonly unit: UnitFacts | undefined;
}

/** Every agent's place, with what it was worked out from. */
export interface AgentPlaces {
  readonly roster: Roster;
  readonly panes: readonly PaneFacts[];
  readonly units: UnitPlane;
  /** Ordered by name. */
  readonly list: readonly AgentPlace[];
}

/** Brings roster, panes and units together; heartbeats, which come all the time, move nobody.
 *  @param before is returned as it is when it was worked out from the same */
export function agentPlaces(readings: PlaneReadings, before: AgentPlaces | undefined): AgentPlaces {
  const { roster, panes, units } = readings;
  if (before && before.panes === panes && before.units === units && isSameRoster(before.roster, roster)) return before;
  const sessions = panesBySession(panes, new Set(roster.agents.map((agent) => sessionNameOf(agent.name))));
  sessions.delete(roster.holderSession);
  const places = new Map<string, AgentPlace>();
  const add = (name: string, entry?: RosterAgent, found?: SessionPanes) =>
    places.set(name, placeOf(readings, name, entry, found));
  for (const agent of roster.agents) {
    add(agent.name, agent, sessions.get(sessionNameOf(agent.name)));
    sessions.delete(sessionNameOf(agent.name));
  }
  for (const [session, found] of sessions) add(agentNameOf(session), undefined, found);
  for (const name of runningUnits(units)) if (!places.has(name)) add(name);
  return { roster, panes, units, list: [...places.values()].sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

// The roster with its workers is put together anew each time it is asked for, out of the same entries.
function isSameRoster(before: Roster, now: Roster): boolean {
  if (before === now) return true;
  if (before.holderSession !== now.holderSession || before.agents.length !== now.agents.length) return false;
  return before.agents.every((agent, index) => agent === now.agents[index]);
}

function placeOf(
  readings: PlaneReadings,
  name: string,
  entry: RosterAgent | undefined,
  found: SessionPanes | undefined,
): AgentPlace {
  const { units } = readings;
  const pane = found?.first;
  const others = (found?.others ?? []).flatMap((other) => {
    const runtime = other.isDead ? undefined : readings.runtimeIn(other);
    return runtime === undefined ? [] : `${other.paneId} ${runtime}`;
  });
  return {
    name,
    entry,
    pane,
    otherRuntimes: others.join(", "),
    drift: entry && pane && !pane.isDead ? readings.driftIn(entry.runtime, pane) : undefined,
    unit: units.kind === "units" ? units.byName.get(agentUnit(name)) : undefined,
  };
}

// Only what runs, or tries to: what somebody stopped and left behind is no agent.
function runningUnits(units: UnitPlane): string[] {
  if (units.kind !== "units") return [];
  const running = [...units.byName.values()].filter(({ active }) => active === "active" || active === "activating");
  return running.flatMap(({ unit }) => agentOfUnit(unit) ?? []);
}
