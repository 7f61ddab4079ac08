import type { AgentHeartbeatJson, AgentJson, PaneJson, SystemdUnitJson } from "@mosaic/wire";
import { agentWord, meshWord } from "./enum-text.ts";
import { type PsApproval, toPsApprovals } from "./ps-approval.ts";
import { ageSince, type HostReading, type PsCondition, toPsConditions } from "./ps-host.ts";

/** An agent in `fleet ps --json`. */
export interface PsItem {
  readonly tenant_id: string;
  readonly host: string;
  readonly host_id: string;
  readonly name: string;
  /** Empty: no roster names it. */
  readonly runtime: string;
  readonly class: string;
  /** What the agent does, in lower case; `STALE` when its host can't be vouched for now. */
  readonly state: string;
  readonly systemd: PsSystemd | null;
  readonly pane: PsPane | null;
  readonly heartbeat: PsHeartbeat | null;
  /** The runtime that really runs, where it differs. */
  readonly drift: string | null;
  readonly boot_enable_warning: boolean;
  readonly in_roster: boolean;
  /** As the host's. */
  readonly age_ms: number | null;
  /** What a STALE agent was last known to do. */
  readonly last_state: string | null;
  readonly waiting_for: string;
  readonly state_detail: string;
  readonly lifecycle: string;
  /** The lane of work that an ephemeral agent was started for; empty: none. */
  readonly lane: string;
  readonly conditions: readonly PsCondition[];
  /** What it asks leave for and waits on, oldest first. */
  readonly approvals: readonly PsApproval[];
  /** The runtime's own id of the conversation it is in; empty: not reported. */
  readonly session_id: string;
  /** Messages to it that are durable on its host and not typed yet. */
  readonly pending_messages: number;
}

export interface PsSystemd {
  readonly unit: string;
  readonly active: string;
  readonly enabled: string;
  readonly sub: string;
  /** Of its last run. */
  readonly result: string;
  /** By systemd itself, since somebody last started it. */
  readonly restarts: number;
}

export interface PsPane {
  readonly alive: boolean;
  readonly command: string;
  readonly pid: number | null;
  readonly idle_ms: number | null;
}

export interface PsHeartbeat {
  readonly health: string;
  readonly age_ms: number | null;
  readonly evidence: string;
  readonly status: string;
}

/** Puts a row into the form of the answer.
 *  @param reading its host; a row whose host is not in the answer is STALE, because nothing says how old it is */
export function toPsItem(row: AgentJson, reading: HostReading | undefined): PsItem {
  const state = agentWord(row.state, "AGENT_STATE_");
  const hostState = meshWord(reading?.status.state, "HOST_STATE_");
  const isStale = hostState !== "LIVE" && hostState !== "DRAINING";
  return {
    tenant_id: row.tenantId ?? "",
    host: row.host ?? "",
    host_id: row.hostId ?? "",
    name: row.name ?? "",
    runtime: row.runtime ?? "",
    class: row.agentClass ?? "",
    state: isStale ? "STALE" : state,
    systemd: row.systemd ? toSystemd(row.systemd) : null,
    pane: row.pane ? toPane(row.pane, reading) : null,
    heartbeat: row.heartbeat ? toHeartbeat(row.heartbeat, reading) : null,
    drift: row.driftRuntime ?? null,
    boot_enable_warning: row.bootEnableWarning ?? false,
    in_roster: row.inRoster ?? false,
    age_ms: reading && reading.asOfUnixMs !== 0 ? reading.ageMs : null,
    last_state: isStale ? state : null,
    waiting_for: row.waitingFor ?? "",
    state_detail: row.stateDetail ?? "",
    lifecycle: agentWord(row.lifecycle, "LIFECYCLE_"),
    lane: row.lane ?? "",
    conditions: toPsConditions(row.conditions, reading),
    approvals: toPsApprovals(row.approvals, reading),
    session_id: row.sessionId ?? "",
    pending_messages: row.pendingMessages ?? 0,
  };
}

function toSystemd(unit: SystemdUnitJson): PsSystemd {
  return {
    unit: unit.unit ?? "",
    active: unit.active ?? "",
    enabled: unit.enabled ?? "",
    sub: unit.sub ?? "",
    result: unit.result ?? "",
    restarts: unit.restarts ?? 0,
  };
}

function toPane(pane: PaneJson, reading: HostReading | undefined): PsPane {
  return {
    alive: pane.alive ?? false,
    command: pane.command ?? "",
    pid: pane.pid || null,
    idle_ms: ageSince(pane.lastActivityUnixMs, reading),
  };
}

function toHeartbeat(beat: AgentHeartbeatJson, reading: HostReading | undefined): PsHeartbeat {
  const ageMs = ageSince(beat.atUnixMs, reading);
  const health = agentWord(beat.health, "HEARTBEAT_HEALTH_");
  // The host judged it when the row was made; by now it may have missed its time.
  const isOverdue = health === "healthy" && ageMs !== null && ageMs > 3 * (beat.intervalMs || ASSUMED_INTERVAL_MS);
  return {
    health: isOverdue ? "stale" : health,
    age_ms: ageMs,
    evidence: agentWord(beat.evidence, "EVIDENCE_", "none"),
    status: agentWord(beat.status, "HEARTBEAT_STATUS_"),
  };
}

/** The interval of a writer that promised none (spec, section 4). */
const ASSUMED_INTERVAL_MS = 15_000;
