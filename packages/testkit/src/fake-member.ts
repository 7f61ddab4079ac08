import { type Clock, FleetLog, listPage, MosaicError, serveWatch } from "@mosaic/core";
import { connectInMemory, type FleetConnection, type FleetHandlers, LiveStreams } from "@mosaic/rpc";
import { type Agent, type Condition, type HostKey, type HostStatus, Role } from "@mosaic/wire";
import { stubHandlers } from "./stub-handlers.ts";

export interface FakeMemberOptions {
  readonly clock: Clock;
  readonly role?: Role;
  readonly tenantId?: string;
  /** Its own host's name. */
  readonly host: string;
  readonly id?: string;
}

/** A node or an aggregator as another aggregator sees it: its Info, and a log that a test writes. It may die, hang and come
 *  back, over connections in memory. */
export class FakeMember {
  readonly #options: FakeMemberOptions;
  readonly streams = new LiveStreams();
  readonly #hosts = new Map<string, { status: HostStatus; rows: Map<string, Agent> }>();
  #lives = 0;
  #log: FleetLog;
  #death = new AbortController();
  /** While true, nothing that happens is sent to who watches: as a process that was stopped. */
  isMute = false;
  /** Laid over what it answers: `info`, `list`, … */
  handlers: Partial<FleetHandlers> = {};
  /** What it says of itself with each bookmark. */
  conditions: readonly Condition[] = [];

  constructor(options: FakeMemberOptions) {
    this.#options = options;
    this.#log = this.#newLog();
  }

  get log(): FleetLog {
    return this.#log;
  }

  get isUp(): boolean {
    return !this.#death.signal.aborted;
  }

  /** Ends every stream; new calls find nobody. */
  die(): void {
    this.#death.abort();
  }

  /** Serves again; one that still lives dies first. @param isNewLife with a new log, as after a restart; else as after a mere cut of the wire */
  revive(isNewLife: boolean): void {
    this.die();
    this.#death = new AbortController();
    if (isNewLife) this.#log = this.#newLog();
  }

  /** Announces a host or a new status of it. */
  setHost(status: HostStatus): void {
    const key = keyOf(status);
    this.#hosts.set(key, { rows: this.#hosts.get(key)?.rows ?? new Map(), status });
    this.#log.publish([{ kind: "host", status }]);
  }

  removeHost(host: Pick<HostStatus, "tenantId" | "host" | "hostId">): void {
    this.#hosts.delete(keyOf(host));
    this.#log.publish([{ kind: "host-removed", key: { ...host, $typeName: "mosaic.fleet.v1.HostKey" } as HostKey }]);
  }

  /** Adds or changes a row of an announced host. */
  setRow(row: Agent): void {
    this.#hosts.get(keyOf(row))?.rows.set(row.name, row);
    this.#log.publish([{ kind: "upsert", row }]);
  }

  /** The hosts it answers for now. */
  get hosts(): HostStatus[] {
    return [...this.#hosts.values()].map(({ status }) => status);
  }

  /** Connects to it, whether it is there or not. */
  readonly connect = (): FleetConnection => connectInMemory(this.#serving(), {}, { streams: this.streams });

  #newLog(): FleetLog {
    this.#lives += 1;
    const log = new FleetLog({ epoch: `${this.#options.host}-${this.#lives}` });
    for (const { status, rows } of this.#hosts.values()) {
      log.publish([{ kind: "host", status }]);
      log.publish([...rows.values()].map((row) => ({ kind: "upsert", row })));
    }
    return log;
  }

  async *#unlessMute<T>(frames: AsyncIterable<T>): AsyncGenerator<T> {
    for await (const frame of frames) if (!this.isMute) yield frame;
  }

  #serving(): FleetHandlers {
    const {
      clock,
      role = Role.NODE,
      tenantId = role === Role.NODE ? "team-a" : "",
      host,
      id = `id-of-${tenantId}-${host}`,
    } = this.#options;
    const assertUp = () => {
      if (!this.isUp) throw new MosaicError("HOST_UNREACHABLE", "connect ECONNREFUSED");
    };
    const base = stubHandlers({
      info: () => ({ role, protocolVersion: 1, tenantId, host, id }),
      list: async (request) => ({ ...listPage(this.#log, request), epoch: this.#log.epoch, rev: this.#log.rev }),
      watch: (request, { signal }) => {
        const deps = {
          log: this.#log,
          clock,
          asOfNow: <T>(status: T) => status,
          random: () => 0.5,
          conditions: () => this.conditions,
        };
        return this.#unlessMute(serveWatch(deps, request, AbortSignal.any([signal, this.#death.signal])));
      },
    });
    const current = () => ({ ...base, ...this.handlers });
    return stubHandlers({
      info: (context) => {
        assertUp();
        return current().info(context);
      },
      list: async (request, context) => {
        assertUp();
        return await current().list(request, context);
      },
      watch: (request, context) => {
        assertUp();
        return current().watch(request, context);
      },
      send: async (request, context) => {
        assertUp();
        return await current().send(request, context);
      },
      attachTerminal: (takeover, context) => {
        assertUp();
        return current().attachTerminal(takeover, context);
      },
      reset: async (request, context) => {
        assertUp();
        return await current().reset(request, context);
      },
      listMessages: async (request, context) => {
        assertUp();
        return await current().listMessages(request, context);
      },
      watchReceipts: (request, context) => {
        assertUp();
        const signal = AbortSignal.any([context.signal, this.#death.signal]);
        return current().watchReceipts(request, { ...context, signal });
      },
      readLog: (request, context) => {
        assertUp();
        return current().readLog(request, context);
      },
      cancelMessage: async (request, context) => {
        assertUp();
        return await current().cancelMessage(request, context);
      },
      retryMessage: async (request, context) => {
        assertUp();
        return await current().retryMessage(request, context);
      },
    });
  }
}

function keyOf(host: Pick<HostStatus, "tenantId" | "host" | "hostId">): string {
  return `${host.tenantId}/${host.hostId || `/${host.host}`}`;
}
