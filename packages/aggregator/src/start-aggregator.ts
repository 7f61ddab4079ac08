import { type Clock, FleetLog, type LastGoodFile, type Log, type MessageStore, type Tracer } from "@mosaic/core";
import {
  type ConnectFleetOptions,
  connectInMemory,
  type Endpoint,
  type FleetConnection,
  LiveStreams,
  serveFleet,
} from "@mosaic/rpc";
import { aggregatorHandlers } from "./aggregator-handlers.ts";
import { HostTable } from "./host-table.ts";
import { type Member, memberName } from "./membership.ts";
import { startFollower } from "./messages/follower.ts";
import { startForwarder } from "./messages/forwarder.ts";
import { Outbox } from "./messages/outbox.ts";
import { Upstream, type UpstreamDeps } from "./upstream.ts";

export interface StartAggregatorDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly tracer: Tracer;
  readonly random: () => number;
  readonly newId: () => string;
  /** Keeps what was sent until its host has it. Whoever opened it closes it. */
  readonly store: MessageStore;
  readonly connect: (endpoint: Endpoint) => FleetConnection;
  /** Opens the membership; called once, with what to do when it changes. */
  readonly openMembership: (onChange: () => void) => Promise<LastGoodFile<readonly Member[]>>;
}

export interface StartAggregatorOptions {
  readonly id: string;
  readonly host: string;
  readonly version: string;
  readonly pid: number;
  readonly listen: readonly Endpoint[];
  readonly pingIntervalMs?: number;
  /** Changes kept for readers that resume. Default: the log's own. */
  readonly logCapacity?: number;
}

export interface RunningAggregator extends AsyncDisposable {
  readonly endpoints: readonly Endpoint[];
  /** A client in this process, over no network. The caller disposes it. */
  connect(options?: ConnectFleetOptions): FleetConnection;
}

/** Starts an aggregator: membership, one upstream per member, the server. It answers at once; a host that was not heard
 *  from yet is WARMING, never absent. Disposing stops everything in reverse. */
export async function startAggregator(deps: StartAggregatorDeps, options: StartAggregatorOptions): Promise<RunningAggregator> {
  const stack = new AsyncDisposableStack();
  try {
    const fleetLog = new FleetLog({ epoch: deps.newId(), ...(options.logCapacity ? { capacity: options.logCapacity } : {}) });
    const table = new HostTable(fleetLog, deps.clock, options.id);
    const outbox = stack.use(new Outbox(deps));
    const members = stack.use(new MemberSet(deps, table, options.id));
    // After the members, so that it ends before them.
    const forwarder = stack.use(startForwarder({ ...deps, fleetLog, table, outbox }));
    const follower = stack.use(startFollower({ ...deps, fleetLog, table, outbox }));
    stack.use(outbox.onChange((message) => follower.wake(message)));
    stack.use(
      members.onLink(() => {
        forwarder.wake();
        follower.wake();
      }),
    );
    let onChange = () => {};
    const membership = stack.use(await deps.openMembership(() => onChange()));
    onChange = () => void members.follow(membership.value);
    await members.follow(membership.value);
    const streams = new LiveStreams();
    const handlers = aggregatorHandlers({ fleetLog, table, clock: deps.clock, streams, outbox, forwarder }, options);
    const server = stack.use(await serveFleet({ ...options, handlers, streams, tracer: deps.tracer, log: deps.log }));
    deps.log.info({ members: membership.value.length, id: options.id }, "aggregator is serving");
    return {
      endpoints: server.endpoints,
      connect: (connectOptions) => connectInMemory(handlers, connectOptions, { streams, tracer: deps.tracer, log: deps.log }),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (thrown) {
    await stack.disposeAsync();
    throw thrown;
  }
}

/** One upstream per member of the membership in force. */
class MemberSet implements AsyncDisposable {
  readonly #upstreams = new Map<string, Upstream>();
  readonly #table: HostTable;
  readonly #upstreamDeps: UpstreamDeps;
  readonly #log: Log;
  readonly #listeners = new Set<() => void>();

  constructor(deps: StartAggregatorDeps, table: HostTable, ownId: string) {
    const { clock, log, random, connect } = deps;
    this.#table = table;
    this.#log = log;
    this.#upstreamDeps = { clock, log, random, connect, ownId, countLost: () => table.lostCount };
  }

  /** Calls back when a member became live. */
  onLink(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Starts what is new and stops what is gone; a member whose addresses changed is started anew. */
  async follow(members: readonly Member[]): Promise<void> {
    const wanted = new Map(members.map((member) => [JSON.stringify(member), member]));
    const gone = [...this.#upstreams].filter(([key]) => !wanted.has(key));
    for (const [key, member] of wanted) if (!this.#upstreams.has(key)) this.#start(key, member);
    for (const [key, upstream] of gone) {
      this.#upstreams.delete(key);
      this.#table.remove(upstream);
      this.#log.info({ member: memberName(upstream.member) }, "member left membership");
    }
    await Promise.all(gone.map(([, upstream]) => upstream[Symbol.asyncDispose]()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#upstreams.values()].map((upstream) => upstream[Symbol.asyncDispose]()));
  }

  #start(key: string, member: Member): void {
    const upstream = new Upstream(member, this.#upstreamDeps, {
      onStep: (from, step) => this.#table.take(from, step.changes, step.isSnapshot),
      onLink: (from) => {
        this.#table.settle(from);
        if (from.link.kind === "live") for (const listener of this.#listeners) listener();
      },
    });
    this.#upstreams.set(key, upstream);
    this.#table.add(upstream);
  }
}
