import { create } from "@bufbuild/protobuf";
import {
  type Agent,
  type AgentHeartbeat,
  AgentHeartbeatSchema,
  AgentSchema,
  type Condition,
  ConditionSchema,
  HeartbeatHealth,
  Lifecycle,
  type Pane,
  PaneSchema,
} from "@mosaic/wire";
import { heartbeatHealth } from "../health/heartbeat-health.ts";
import type { PaneFacts } from "../ports/terminal-server.ts";
import type { Roster, RosterAgent } from "../roster/roster.ts";
import { agentNameOf, sessionNameOf } from "../roster/session-name.ts";
import { type HeartbeatHealthName, judgeState } from "./agent-state.ts";
import type { HeartbeatReading } from "./heartbeat-reading.ts";

/** What every plane of one host showed at one moment. */
export interface PlaneReadings {
  readonly roster: Roster;
  readonly hostId: string;
  /** The host's wall clock at that moment, in ms. */
  readonly nowUnixMs: number;
  readonly panes: readonly PaneFacts[];
  /** By agent name. */
  readonly heartbeats: ReadonlyMap<string, HeartbeatReading>;
  /** What runs in a pane instead of the runtime that the roster asks for; undefined: no drift, or can't tell. */
  readonly driftIn: (runtime: string, pane: PaneFacts) => string | undefined;
}

/** One row per roster agent, and one per session that no roster names; ordered by name.
 *  @throws never; whatever contradicts itself becomes a condition of its row. */
export function joinPlanes(readings: PlaneReadings): Agent[] {
  const panes = firstPaneBySession(readings.panes);
  panes.delete(readings.roster.holderSession);
  const known = readings.roster.agents.map((agent) => {
    const session = sessionNameOf(agent.name);
    const pane = panes.get(session);
    panes.delete(session);
    return rowOf(readings, agent.name, agent, pane);
  });
  const orphans = [...panes.entries()].map(([session, pane]) => rowOf(readings, agentNameOf(session), undefined, pane));
  return [...known, ...orphans].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** When the health of the next heartbeat will change by mere passing of time, in ms of the host's wall clock; undefined:
 *  never. So a node can wake then instead of looking again and again. */
export function nextHealthChangeUnixMs(readings: Pick<PlaneReadings, "heartbeats" | "nowUnixMs">): number | undefined {
  const changes = [...readings.heartbeats.values()].map((beat) => beat.atUnixMs + 3 * beat.intervalMs + 1);
  const coming = changes.filter((atMs) => atMs > readings.nowUnixMs);
  return coming.length > 0 ? Math.min(...coming) : undefined;
}

function rowOf(readings: PlaneReadings, name: string, entry: RosterAgent | undefined, pane: PaneFacts | undefined): Agent {
  const reading = readings.heartbeats.get(name);
  const health = reading && heartbeatHealth({ ...reading, nowUnixMs: readings.nowUnixMs });
  const { state, waitingFor, detail } = judgeState(pane, reading, health);
  const drift = entry && pane && !pane.isDead ? readings.driftIn(entry.runtime, pane) : undefined;
  return create(AgentSchema, {
    tenantId: readings.roster.tenantId,
    host: readings.roster.host,
    hostId: readings.hostId,
    name,
    runtime: entry?.runtime ?? "",
    agentClass: entry?.agentClass ?? "",
    lifecycle: lifecycleOf(entry),
    inRoster: entry !== undefined,
    state,
    waitingFor,
    stateDetail: detail,
    ...(pane ? { pane: paneMessage(pane) } : {}),
    ...(reading && health ? { heartbeat: heartbeatMessage(reading, health) } : {}),
    ...(drift === undefined ? {} : { driftRuntime: drift }),
    conditions: conditionsOf(entry, drift, health),
  });
}

function conditionsOf(
  entry: RosterAgent | undefined,
  drift: string | undefined,
  health: HeartbeatHealthName | undefined,
): Condition[] {
  const found: [string, string][] = [];
  if (health === "clock-skew") found.push(["CLOCK_SKEW", "its heartbeat carries a time in the future"]);
  if (drift !== undefined) found.push(["DRIFT", `the roster says ${entry?.runtime}, the pane runs ${drift}`]);
  if (!entry) found.push(["ORPHAN", "a session on the socket that the roster does not name"]);
  return found.map(([type, message]) => create(ConditionSchema, { type, message }));
}

// Lowest pane id first: the pane the session was started with, whatever a person split off later.
function firstPaneBySession(panes: readonly PaneFacts[]): Map<string, PaneFacts> {
  const first = new Map<string, PaneFacts>();
  for (const pane of panes) {
    const other = first.get(pane.session);
    if (!other || paneNumber(pane) < paneNumber(other)) first.set(pane.session, pane);
  }
  return first;
}

function paneNumber(pane: PaneFacts): number {
  return Number(pane.paneId.slice(1));
}

function lifecycleOf(entry: RosterAgent | undefined): Lifecycle {
  if (!entry) return Lifecycle.UNSPECIFIED;
  return entry.lifecycle === "ephemeral" ? Lifecycle.EPHEMERAL : Lifecycle.CORE;
}

function paneMessage(pane: PaneFacts): Pane {
  return create(PaneSchema, {
    paneId: pane.paneId,
    session: pane.session,
    alive: !pane.isDead,
    command: pane.command,
    pid: pane.isDead ? 0 : pane.pid,
    lastActivityUnixMs: BigInt(pane.lastActivityUnixMs),
    columns: pane.columns,
    rows: pane.rows,
    alternateScreen: pane.isAlternateScreen,
    ...(pane.exitStatus === undefined ? {} : { exitStatus: pane.exitStatus }),
  });
}

function heartbeatMessage(reading: HeartbeatReading, health: HeartbeatHealthName): AgentHeartbeat {
  return create(AgentHeartbeatSchema, {
    atUnixMs: BigInt(reading.atUnixMs),
    intervalMs: reading.intervalMs,
    health: HEALTH[health],
    evidence: reading.evidence,
    status: reading.status,
    pid: reading.pid,
    turnId: reading.turnId,
  });
}

const HEALTH = {
  healthy: HeartbeatHealth.HEALTHY,
  stale: HeartbeatHealth.STALE,
  "clock-skew": HeartbeatHealth.CLOCK_SKEW,
} as const;
