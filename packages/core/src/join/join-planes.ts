import type { Agent } from "@mosaic/wire";
import { heartbeatHealth } from "../health/heartbeat-health.ts";
import { type AgentPlace, type AgentPlaces, agentPlaces } from "./agent-places.ts";
import { agentRow, type MadeRow } from "./agent-row.ts";
import { livingReading } from "./heartbeat-reading.ts";
import type { PlaneReadings } from "./plane-readings.ts";
import { isWedged } from "./progress.ts";
import type { RowFacts } from "./row-facts.ts";

/** What is kept between two joins, so that a row of the same facts is the same object and is not even worked out again. */
export interface RowMemory {
  /** Rows by agent name, with what they were made of. */
  readonly rows: Map<string, MadeRow & { readonly place: AgentPlace }>;
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
  const rows = list.map((place) => rowOf(readings, place, memory));
  if (memory.rows.size > list.length) {
    const names = new Set(list.map(({ name }) => name));
    for (const name of [...memory.rows.keys()]) if (!names.has(name)) memory.rows.delete(name);
  }
  return rows;
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

function rowOf(readings: PlaneReadings, place: AgentPlace, memory: RowMemory): Agent {
  const { nowUnixMs } = readings;
  const known = memory.rows.get(place.name);
  const reading = livingReading(readings.heartbeats.get(place.name), place.pane);
  const told = readings.told?.get(place.name);
  const health = reading && heartbeatHealth({ atUnixMs: reading.atUnixMs, intervalMs: reading.intervalMs, nowUnixMs });
  const wedged =
    health === "healthy" && isWedged(readings.progress.get(place.name), place.pane, nowUnixMs, reading?.progressAtUnixMs);
  // The usual case: nobody moved, and no news of this one.
  const before = known?.facts;
  const isQuiet = before?.reading === reading && before?.health === health && before?.isWedged === wedged;
  if (known?.place === place && isQuiet && before?.told === told) return known.row;
  const facts: RowFacts = {
    ...place,
    tenantId: readings.roster.tenantId,
    host: readings.roster.host,
    hostId: readings.hostId,
    hasUnits: readings.units.kind === "units",
    reading,
    health,
    isWedged: wedged,
    told,
  };
  const row = known && isSame(known.facts, facts) ? known.row : agentRow(facts, known);
  memory.rows.set(place.name, { place, facts, row });
  return row;
}

function isSame(before: RowFacts, now: RowFacts): boolean {
  for (const key in now) if (before[key as keyof RowFacts] !== now[key as keyof RowFacts]) return false;
  return true;
}
