import { create } from "@bufbuild/protobuf";
import { type FleetChange, FleetLog, listPage, MosaicError, serveWatch } from "@mosaic/core";
import { systemClock } from "@mosaic/host";
import type { FleetHandlers } from "@mosaic/rpc";
import {
  type Agent,
  AgentKeySchema,
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
  /** Changes one of its agents: mostly what it does, at times whether it is there. The row tells when, for measuring. */
  readonly change: (random: () => number) => void;
  /** From now on lists and watches come to nothing (`hang`), or each step of them takes 3 s (`slow`). */
  readonly suffer: (how: "hang" | "slow" | "none") => void;
}

const TENANT = "bench";

/** Makes a host with `agentCount` agents that look like those of a working fleet (about 180 bytes each).
 *  @param epoch names its log; one of its own for each life of a host that is killed and started again */
export function simulatedHost(index: number, agentCount: number, epoch = `epoch-${index}`): SimulatedHost {
  const name = `host-${String(index).padStart(4, "0")}`;
  const hostId = `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
  const log = new FleetLog({ epoch, capacity: 64 });
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
  const gate = new Gate();
  return {
    ...{ name, log, handlers: handlersOf(name, hostId, log, status, gate) },
    change: (random) => log.publish([changeOf(log, simulatedAgent(name, hostId, Math.floor(random() * agentCount)), random)]),
    suffer: (how) => gate.set(how),
  };
}

/** What every list and watch of a host passes. */
class Gate {
  #how: "hang" | "slow" | "none" = "none";
  #onChange = new Set<() => void>();

  set(how: "hang" | "slow" | "none"): void {
    this.#how = how;
    for (const wake of this.#onChange) wake();
  }

  async pass(signal: AbortSignal): Promise<void> {
    if (this.#how === "slow") await systemClock.sleep(SLOW_MS, signal);
    while (this.#how === "hang" && !signal.aborted) await this.#changeOr(signal);
  }

  async #changeOr(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onChange.add(resolve);
    signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    this.#onChange.delete(resolve);
  }
}

const SLOW_MS = 3000;

/** Ends one running agent in ten, starts one that is gone, and has any other do something else. */
function changeOf(log: FleetLog, row: Agent, random: () => number): FleetChange {
  const key = create(AgentKeySchema, { tenantId: row.tenantId, hostId: row.hostId, name: row.name });
  if (log.state.row(key) && random() < 0.1) return { kind: "delete", key };
  const state = random() < 0.5 ? AgentState.WORKING : AgentState.IDLE;
  return { kind: "upsert", row: { ...row, state, stateDetail: `${CHANGED_AT}${performance.timeOrigin + performance.now()}` } };
}

/** Precedes the time of a simulated change in its row's `state_detail`, in ms since 1970 with fractions. */
export const CHANGED_AT = "changed at ";

function handlersOf(name: string, hostId: string, log: FleetLog, status: () => HostStatus, gate: Gate): FleetHandlers {
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
    list: async (request, { signal }) => {
      await gate.pass(signal);
      return { ...listPage(log, request), hosts: [status()], epoch: log.epoch, rev: log.rev };
    },
    async *watch(request, { signal }) {
      for await (const frame of serveWatch({ log, clock: systemClock, asOfNow: status, random: Math.random }, request, signal)) {
        await gate.pass(signal);
        yield frame;
      }
    },
    heartbeat: async () => ({ intervalMs: 15_000 }),
    send: refuse,
    tail: refuse,
    watchTerminal: refuse,
    attachTerminal: refuse,
    reset: refuse,
    listMessages: refuse,
    watchReceipts: refuse,
    watchEvents: refuse,
    presence: refuse,
    cancelMessage: refuse,
    retryMessage: refuse,
    decide: refuse,
    addHost: refuse,
    removeHost: refuse,
    drainHost: refuse,
    readLog: refuse,
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
