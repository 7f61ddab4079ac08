import { FleetLog, type Log, type Planes, type Roster, type Tracer } from "@mosaic/core";
import {
  type ConnectFleetOptions,
  connectInMemory,
  type Endpoint,
  type FleetConnection,
  LiveStreams,
  serveFleet,
} from "@mosaic/rpc";
import { Delivery, type DeliveryDeps } from "./delivery.ts";
import { HeartbeatRegistry } from "./heartbeat-registry.ts";
import { nodeHandlers } from "./node-handlers.ts";
import { PlaneWatcher } from "./plane-watcher.ts";
import type { RosterSource } from "./roster-source.ts";

export interface StartNodeDeps {
  readonly planes: Planes;
  /** Opens the roster; called once, with what to do when it changes. */
  readonly openRoster: (onChange: () => void) => Promise<RosterSource>;
  readonly draftOn: DeliveryDeps["draftOn"];
  readonly tracer: Tracer;
  readonly log: Log;
  readonly newId: () => string;
}

export interface StartNodeOptions {
  readonly hostId: string;
  readonly version: string;
  readonly pid: number;
  readonly runDirectory: string;
  readonly listen: readonly Endpoint[];
  /** Slow re-read of all planes, in ms. Default 5 s. */
  readonly rereadMs?: number;
  readonly pingIntervalMs?: number;
  /** Changes kept for readers that resume. Default: the log's own. */
  readonly logCapacity?: number;
}

export interface RunningNode extends AsyncDisposable {
  readonly endpoints: readonly Endpoint[];
  readonly roster: Roster;
  /** A client in this process, over no network. The caller disposes it. */
  connect(options?: ConnectFleetOptions): FleetConnection;
}

/** Starts a node: roster, planes, then the server, which so never answers with an empty fleet. Disposing stops them in
 *  reverse; tmux and the agents in it go on. */
export async function startNode(deps: StartNodeDeps, options: StartNodeOptions): Promise<RunningNode> {
  const { planes, log } = deps;
  const stack = new AsyncDisposableStack();
  try {
    let touch = () => {};
    const roster = stack.use(await deps.openRoster(() => touch()));
    const heartbeats = new HeartbeatRegistry(planes.clock);
    const fleetLog = new FleetLog({ epoch: deps.newId(), ...(options.logCapacity ? { capacity: options.logCapacity } : {}) });
    const watcher = stack.use(new PlaneWatcher({ planes, roster, heartbeats, fleetLog, log }, options));
    touch = () => watcher.touch();
    stack.use(planes.terminal.onChange(touch));
    stack.use(planes.files.onChange(options.runDirectory, touch));
    const delivery = new Delivery({ terminal: planes.terminal, clock: planes.clock, draftOn: deps.draftOn });
    stack.use(heartbeats.onReport((report) => delivery.noteReport(report)));
    await watcher.refresh();
    const { tenantId, host } = roster.value;
    const identity = { tenantId, host, hostId: options.hostId, version: options.version, pid: options.pid };
    const streams = new LiveStreams();
    const handlers = nodeHandlers(
      { fleetLog, watcher, heartbeats, delivery, terminal: planes.terminal, clock: planes.clock, streams },
      identity,
    );
    const server = stack.use(await serveFleet({ ...options, handlers, streams, tracer: deps.tracer, log }));
    log.info({ tenant: tenantId, host, agents: roster.value.agents.length }, "node is serving");
    return {
      endpoints: server.endpoints,
      roster: roster.value,
      connect: (connectOptions) => connectInMemory(handlers, connectOptions, { streams, tracer: deps.tracer, log }),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (thrown) {
    await stack.disposeAsync();
    throw thrown;
  }
}
