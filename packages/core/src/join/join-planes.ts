import type { Agent } from "@mosaic/wire";
import { heartbeatHealth } from "../health/heartbeat-health.ts";
import { type AgentPlace, type AgentPlaces, agentPlaces } from "./agent-places.ts";
import { agentRow } from "./agent-row.ts";
import type { PlaneReadings } from "./plane-readings.ts";
import { isWedged } from "./progress.ts";
import type { RowFacts } from "./row-facts.ts";

/** What is kept between two joins, so that a row of the same facts is the same object and is not even worked out again. */
export interface RowMemory {
  /** Rows by agent name, with the facts that they were made of. */
  readonly rows: Map<string, { readonly facts: RowFacts; readonly row: Agent }>;
  /** What holds until the roster, a pane or a unit changes. */
  places: AgentPlaces | undefined;
}

/** An empty memory. */
export function createRowMemory(): RowMemory {
  return { rows: new Map(), places: undefined };
}

/** One row per roster agent, one per session that no roster names, and one per running unit of an agent that neither knows;
 *  ordered by name.
 *  @param memory of the join before; brought up to date
 *  @throws never; whatever contradicts itself becomes a condition of its row. */
export function joinPlanes(readings: PlaneReadings, memory: RowMemory = createRowMemory()): Agent[] {
  memory.places = agentPlaces(readings, memory.places);
  const { list } = memory.places;
  if (memory.rows.size > list.length || list.some(({ name }) => !memory.rows.has(name))) {
    const names = new Set(list.map(({ name }) => name));
    for (const name of [...memory.rows.keys()]) if (!names.has(name)) memory.rows.delete(name);
  }
  return list.map((place) => remembered(memory, factsOf(readings, place)));
}

/** When the health of the next heartbeat will change by mere passing of time, in ms of the host's wall clock; undefined:
 *  never. So a node can wake then instead of looking again and again. */
export function nextHealthChangeUnixMs(readings: Pick<PlaneReadings, "heartbeats" | "nowUnixMs">): number | undefined {
  let next: number | undefined;
  for (const beat of readings.heartbeats.values()) {
    const atMs = beat.atUnixMs + 3 * beat.intervalMs + 1;
    if (atMs > readings.nowUnixMs && (next === undefined || atMs < next)) next = atMs;
  }
  return next;
}

function factsOf(readings: PlaneReadings, place: AgentPlace): RowFacts {
  const { nowUnixMs } = readings;
  const reading = readings.heartbeats.get(place.name);
  const health = reading && heartbeatHealth({ atUnixMs: reading.atUnixMs, intervalMs: reading.intervalMs, nowUnixMs });
  return {
    tenantId: readings.roster.tenantId,
    host: readings.roster.host,
    hostId: readings.hostId,
    name: place.name,
    entry: place.entry,
    pane: place.pane,
    otherRuntimes: place.otherRuntimes,
    drift: place.drift,
    unit: place.unit,
    hasUnits: readings.units.kind === "units",
    reading,
    health,
    isWedged: health === "healthy" && isWedged(readings.progress.get(place.name), place.pane, nowUnixMs),
  };
}

function remembered(memory: RowMemory, facts: RowFacts): Agent {
  const known = memory.rows.get(facts.name);
  if (known && isSame(known.facts, facts)) return known.row;
  const row = agentRow(facts);
  memory.rows.set(facts.name, { facts, row });
  return row;
}

function isSame(before: RowFacts, now: RowFacts): boolean {
  for (const key in now) if (before[key as keyof RowFacts] !== now[key as keyof RowFacts]) return false;
  return true;
}
