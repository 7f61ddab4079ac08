import { create } from "@bufbuild/protobuf";
import { FleetLog, listPage, MosaicError, serveWatch } from "@mosaic/core";
import { systemClock } from "@mosaic/host";
import type { FleetHandlers } from "@mosaic/rpc";
import {
  type Agent,
  AgentSchema,
  AgentState,
  Evidence,
  HeartbeatHealth,
  HeartbeatStatus,
  HostState,
  type HostStatus,
  HostStatusSchema,
  Role,
} from "@mosaic/wire";

/** A host that exists in memory only: the real log and the real watch, over rows that are made up. */
export interface SimulatedHost {
  readonly handlers: FleetHandlers;
  readonly log: FleetLog;
  readonly name: string;
}

const TENANT = "bench";

/** Makes a host with `agentCount` agents that look like those of a working fleet (about 180 bytes each). */
export function simulatedHost(index: number, agentCount: number): SimulatedHost {
  const name = `host-${String(index).padStart(4, "0")}`;
  const hostId = `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
  const log = new FleetLog({ epoch: `epoch-${index}`, capacity: 64 });
  const status = () =>
    create(HostStatusSchema, {
      tenantId: TENANT,
      host: name,
      hostId,
      state: HostState.LIVE,
      asOfUnixMs: BigInt(Date.now()),
      version: "bench",
    });
  log.publish([{ kind: "host", status: status() }]);
  log.publish(
    Array.from({ length: agentCount }, (_, place) => ({ kind: "upsert" as const, row: simulatedAgent(name, hostId, place) })),
  );
  return { name, log, handlers: handlersOf(name, hostId, log, status) };
}

function handlersOf(name: string, hostId: string, log: FleetLog, status: () => HostStatus): FleetHandlers {
  const refuse = (): never => {
    throw new MosaicError("NOT_HERE", "a simulated host has no terminals");
  };
  return {
    info: () => ({
      role: Role.NODE,
      protocolVersion: 1,
      tenantId: TENANT,
      host: name,
      id: hostId,
      epoch: log.epoch,
      version: "bench",
    }),
    list: async (request) => ({ ...listPage(log, request), hosts: [status()], epoch: log.epoch, rev: log.rev }),
    watch: (request, { signal }) =>
      serveWatch({ log, clock: systemClock, asOfNow: status, random: Math.random }, request, signal),
    heartbeat: async () => ({ intervalMs: 15_000 }),
    send: refuse,
    tail: refuse,
    watchTerminal: refuse,
    attachTerminal: refuse,
    reset: refuse,
    listMessages: refuse,
    watchReceipts: refuse,
    cancelMessage: refuse,
    retryMessage: refuse,
    decide: refuse,
  };
}

function simulatedAgent(host: string, hostId: string, place: number): Agent {
  const now = BigInt(Date.now());
  return create(AgentSchema, {
    tenantId: TENANT,
    host,
    hostId,
    name: `coder${place}`,
    runtime: "claude",
    agentClass: "implementer",
    inRoster: true,
    state: AgentState.WORKING,
    pane: {
      paneId: `%${place}`,
      session: `coder${place}`,
      alive: true,
      command: "claude",
      pid: 4000 + place,
      lastActivityUnixMs: now,
      columns: 120,
      rows: 40,
    },
    heartbeat: {
      atUnixMs: now,
      intervalMs: 15_000,
      health: HeartbeatHealth.HEALTHY,
      evidence: Evidence.HOOK,
      status: HeartbeatStatus.BUSY,
      turnId: `turn-${place}`,
    },
  });
}

/** The tenant of every simulated host. */
export const BENCH_TENANT = TENANT;
