import { create } from "@bufbuild/protobuf";
import {
  type Agent,
  type AgentHeartbeat,
  AgentHeartbeatSchema,
  AgentSchema,
  HeartbeatHealth,
  Lifecycle,
  type Pane,
  PaneSchema,
  type SystemdUnit,
  SystemdUnitSchema,
} from "@mosaic/wire";
import type { HeartbeatHealthName } from "../health/heartbeat-health.ts";
import type { PaneFacts } from "../ports/terminal-server.ts";
import type { UnitFacts } from "../ports/units.ts";
import type { RosterAgent } from "../roster/roster.ts";
import { judgeState } from "./agent-state.ts";
import type { HeartbeatReading } from "./heartbeat-reading.ts";
import { agentConditions, wouldNotComeBack } from "./row-conditions.ts";
import type { RowFacts } from "./row-facts.ts";

/** A row, and what it was made of. */
export interface MadeRow {
  readonly facts: RowFacts;
  readonly row: Agent;
}

/** Makes the row of one agent.
 *  @param before the last one of the same agent: what it says of a pane and a unit that are as they were is taken over, as
 *    most new rows bring a heartbeat and nothing else, and a node keeps thousands of them for readers that come back */
export function agentRow(facts: RowFacts, before?: MadeRow): Agent {
  const { entry, pane, reading, health, unit, drift, told } = facts;
  const { state, waitingFor, detail } = judgeState(facts);
  const made = create(AgentSchema, {
    tenantId: facts.tenantId,
    host: facts.host,
    hostId: facts.hostId,
    name: facts.name,
    runtime: entry?.runtime ?? "",
    agentClass: entry?.agentClass ?? "",
    lifecycle: lifecycleOf(entry),
    inRoster: entry !== undefined,
    state,
    waitingFor,
    stateDetail: detail,
    ...(unit ? { systemd: (before?.facts.unit === unit && before.row.systemd) || unitMessage(unit) } : {}),
    ...(pane ? { pane: (before?.facts.pane === pane && before.row.pane) || paneMessage(pane) } : {}),
    ...(reading && health ? { heartbeat: heartbeatMessage(reading, health) } : {}),
    ...(drift === undefined ? {} : { driftRuntime: drift }),
    bootEnableWarning: wouldNotComeBack(facts),
    conditions: agentConditions(facts),
    lane: entry?.lane ?? "",
    approvals: [...(told?.approvals ?? [])],
    sessionId: told?.sessionId ?? "",
    pendingMessages: told?.pendingMessages ?? 0,
  });
  // A message of so many fields comes as a hash table of 900 bytes; its copy is an object of 200.
  return { ...made };
}

function lifecycleOf(entry: RosterAgent | undefined): Lifecycle {
  if (!entry) return Lifecycle.UNSPECIFIED;
  return entry.lifecycle === "ephemeral" ? Lifecycle.EPHEMERAL : Lifecycle.CORE;
}

function unitMessage({ unit, active, enabled, sub, result, restarts }: UnitFacts): SystemdUnit {
  return create(SystemdUnitSchema, { unit, active, enabled, sub, result, restarts });
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
