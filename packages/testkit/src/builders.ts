import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { HeartbeatReading, PaneFacts, Roster, RosterAgent } from "@mosaic/core";
import {
  type Agent,
  AgentSchema,
  AgentState,
  Evidence,
  HeartbeatStatus,
  HostState,
  type HostStatus,
  HostStatusSchema,
  type Selector,
  SelectorSchema,
  type WatchRequest,
  WatchRequestSchema,
} from "@mosaic/wire";

/** A row of team-a's host alpha, with what is given laid over it. The host's id follows the names unless given. */
export function anAgent(fields: MessageInitShape<typeof AgentSchema> = {}): Agent {
  const { tenantId = "team-a", host = "alpha" } = fields;
  const defaults = {
    tenantId,
    host,
    hostId: `id-of-${tenantId}-${host}`,
    name: "lead",
    runtime: "stub",
    inRoster: true,
    state: AgentState.IDLE,
  };
  return create(AgentSchema, { ...defaults, ...fields });
}

/** A live status of team-a's host alpha, with what is given laid over it. */
export function aHostStatus(fields: MessageInitShape<typeof HostStatusSchema> = {}): HostStatus {
  const { tenantId = "team-a", host = "alpha" } = fields;
  const defaults = {
    tenantId,
    host,
    hostId: `id-of-${tenantId}-${host}`,
    state: HostState.LIVE,
    asOfUnixMs: 1_767_225_600_000n,
    version: "0.1.0",
  };
  return create(HostStatusSchema, { ...defaults, ...fields });
}

/** A selector over the given lists. */
export function aSelector(fields: MessageInitShape<typeof SelectorSchema> = {}): Selector {
  return create(SelectorSchema, fields);
}

/** A request for a whole watch, with what is given laid over it. */
export function aWatchRequest(fields: MessageInitShape<typeof WatchRequestSchema> = {}): WatchRequest {
  return create(WatchRequestSchema, fields);
}

/** A roster of team-a's host alpha with the named stub agents. */
export function aRoster(agents: readonly (string | Partial<RosterAgent>)[] = ["lead"]): Roster {
  return {
    version: 1,
    transport: "tmux",
    tenantId: "team-a",
    host: "alpha",
    socketName: "mosaic-test",
    holderSession: "_holder",
    agents: agents.map((agent) => ({ ...ROSTER_AGENT, ...(typeof agent === "string" ? { name: agent } : agent) })),
    runtimes: {},
    hardening: {},
  };
}

/** A live pane of the session `lead`. */
export function aPane(fields: Partial<PaneFacts> = {}): PaneFacts {
  const size = { columns: 80, rows: 24, isAlternateScreen: false };
  return {
    session: "lead",
    paneId: "%1",
    pid: 1001,
    command: "stub",
    isDead: false,
    exitStatus: undefined,
    ...size,
    lastActivityUnixMs: 0,
    ...fields,
  };
}

/** A heartbeat that a hook reported at the epoch, promising 15 s. */
export function aReading(fields: Partial<HeartbeatReading> = {}): HeartbeatReading {
  const said = { evidence: Evidence.HOOK, status: HeartbeatStatus.IDLE, pid: 4242, turnId: "", waitingFor: "", detail: "" };
  return { atUnixMs: 0, intervalMs: 15_000, ...said, ...fields };
}

const ROSTER_AGENT: RosterAgent = {
  name: "lead",
  runtime: "stub",
  agentClass: "tester",
  lifecycle: "core",
  workingDirectory: "~/src",
  resetBetweenTasks: false,
  limits: {},
};
