import { create } from "@bufbuild/protobuf";
import { FleetLog, listPage, rowChanges, serveWatch } from "@mosaic/core";
import { LiveStreams } from "@mosaic/rpc";
import { stubHandlers } from "@mosaic/testkit";
import { type Agent, AgentSchema, AgentState, HostState, type HostStatus, HostStatusSchema, Role } from "@mosaic/wire";
import type { SimLife } from "./sim-process.ts";
import { SimProcess } from "./sim-process.ts";
import type { SimTime } from "./sim-time.ts";

/** As the node itself: how long its host may be unreadable before its rows count as stale. */
export const NODE_STALE_AFTER_MS = 10_000;

/** A node over a host that a plan changes: the real log and the real Watch over rows that are made up. */
export class SimNode extends SimProcess {
  readonly tenantId: string;
  readonly hostId: string;
  readonly #time: SimTime;
  readonly #random: () => number;
  readonly #logCapacity: number;
  /** What runs on the host, by name; outlives the node. */
  readonly agents = new Map<string, Agent>();
  #serial = 0;
  #log: FleetLog | undefined;
  /** Spans in which the host could not be read, in ms of the world; the last may be open. */
  readonly #blind: { readonly fromMs: number; toMs: number }[] = [];

  constructor(
    name: string,
    tenantId: string,
    deps: { time: SimTime; random: () => number; logCapacity: number; drift: number; wallOffsetMs: number },
  ) {
    super(name, deps.drift, deps.wallOffsetMs);
    this.tenantId = tenantId;
    this.hostId = `id-${name}`;
    this.#time = deps.time;
    this.#random = deps.random;
    this.#logCapacity = deps.logCapacity;
  }

  start(): void {
    const life = this.begin(this.#time);
    const log = new FleetLog({ epoch: `${life.name}-log`, ...(this.#logCapacity > 0 ? { capacity: this.#logCapacity } : {}) });
    const { clock } = life;
    this.#log = log;
    this.publish();
    const deps = { log, clock, asOfNow: () => this.#status(life), random: this.#random };
    const handlers = stubHandlers({
      info: () => ({
        role: Role.NODE,
        protocolVersion: 1,
        tenantId: this.tenantId,
        host: this.name,
        id: this.hostId,
        epoch: log.epoch,
      }),
      list: async (request) => {
        const page = listPage(log, request);
        return { ...page, hosts: page.hosts.map(() => this.#status(life)), epoch: log.epoch, rev: log.rev };
      },
      watch: (request, { signal }) => serveWatch(deps, request, signal),
    });
    life.served = { handlers, streams: new LiveStreams() };
    if (this.isBlind) this.#tellWhenStale();
  }

  /** Adds an agent or changes it. */
  change(name: string): void {
    this.#serial += 1;
    const state = [AgentState.IDLE, AgentState.WORKING, AgentState.WAITING][this.#serial % 3] ?? AgentState.IDLE;
    const { tenantId, hostId } = this;
    // The serial makes each content of a row unlike any other that there ever was.
    const sessionId = `${this.name}-${this.#serial}`;
    this.agents.set(
      name,
      create(AgentSchema, { tenantId, host: this.name, hostId, name, runtime: "stub", inRoster: true, state, sessionId }),
    );
    this.publish();
  }

  remove(name: string): void {
    this.agents.delete(name);
    this.publish();
  }

  removeAll(): void {
    this.agents.clear();
    this.publish();
  }

  /** From now on the host can't be read. */
  goBlind(): void {
    if (this.isBlind) return;
    const now = this.#time.nowMs;
    this.#blind.push({ fromMs: now, toMs: Number.POSITIVE_INFINITY });
    this.#tellWhenStale();
  }

  see(): void {
    const last = this.#blind.at(-1);
    if (last && last.toMs > this.#time.nowMs) last.toMs = this.#time.nowMs;
    this.publish();
  }

  get isBlind(): boolean {
    return (this.#blind.at(-1)?.toMs ?? 0) > this.#time.nowMs;
  }

  /** True when the host could not be read at some time since a moment. */
  wasBlindSince(ms: number): boolean {
    return this.#blind.some(({ toMs }) => toMs > ms);
  }

  /** When the host was last read before a moment. */
  lastReadMs(atMs: number): number {
    const span = this.#blind.find(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs);
    return span?.fromMs ?? atMs;
  }

  /** Tells what there is to tell: after a pause, or when its time has come. */
  publish(): void {
    const { life } = this;
    const log = this.#log;
    if (!life || life.isStopped || !log) return;
    const status = this.#status(life);
    const told = log.state.host(status);
    if (told?.state !== status.state) log.publish([{ kind: "host", status }]);
    if (!this.isBlind) log.publish(rowChanges(log.state, status, [...this.agents.values()]));
  }

  // Watchers are told of a host gone stale when it does.
  #tellWhenStale(): void {
    const inMs = this.lastReadMs(this.#time.nowMs) + NODE_STALE_AFTER_MS + 20 - this.#time.nowMs;
    void this.life?.clock.sleep(inMs, new AbortController().signal).then(() => this.publish());
  }

  #status({ clock }: SimLife): HostStatus {
    const ageMs = Math.round(this.#time.nowMs - this.lastReadMs(this.#time.nowMs));
    const isStale = ageMs > NODE_STALE_AFTER_MS;
    return create(HostStatusSchema, {
      tenantId: this.tenantId,
      host: this.name,
      hostId: this.hostId,
      state: isStale ? HostState.STALE : HostState.LIVE,
      ageMs: BigInt(ageMs),
      asOfUnixMs: BigInt(clock.nowUnixMs() - ageMs),
      asOfRev: this.#log?.rev ?? 0n,
      code: isStale ? "UNAVAILABLE" : "",
      agentCount: this.#log?.state.rowCount ?? 0,
      version: "sim",
    });
  }
}
