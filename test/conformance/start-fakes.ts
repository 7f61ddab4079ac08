import { type Member, type RunningAggregator, startAggregator } from "@mosaic/aggregator";
import { type LastGoodFile, openLastGoodFile, silentLog } from "@mosaic/core";
import { openRoster, type RunningNode, startNode } from "@mosaic/node";
import { type Endpoint, type FleetConnection, formatEndpoint } from "@mosaic/rpc";
import {
  FakeFiles,
  type FakeHost,
  memoryMessageStore,
  RecordingTracer,
  ROSTER_PATH,
  RUN_DIRECTORY,
  realClock,
  WORKERS_DIRECTORY,
} from "@mosaic/testkit";

/** Small enough for a test to overrun, large enough for everything else a case does. */
export const LOG_CAPACITY = 64;

let ids = 0;
const newId = () => `epoch-${++ids}`;

/** Starts a real node on a fake host, and lets the host's agents report to it. */
export async function startFakeNode(
  host: FakeHost,
  listen: readonly Endpoint[],
  options: { pingIntervalMs?: number } = {},
): Promise<RunningNode> {
  const roster = { path: ROSTER_PATH, workersDirectory: WORKERS_DIRECTORY, defaultTenant: "nobody", defaultHost: "nowhere" };
  const node = await startNode(
    {
      planes: host.planes(),
      openRoster: (onChange) => openRoster(host.files, silentLog, roster, onChange),
      mannersOf: () => undefined,
      store: memoryMessageStore(),
      keyboard: host.terminal,
      audit: host.audit,
      events: host.events,
      resetCommandOf: (runtime) => (runtime === "stub" ? "/clear" : undefined),
      tracer: host.tracer,
      log: silentLog,
      ownLog: { ring: host.logRing, role: "node" },
      newId,
    },
    {
      hostId: host.hostId,
      version: "0.1.0",
      pid: 4711,
      runDirectory: RUN_DIRECTORY,
      listen,
      logCapacity: LOG_CAPACITY,
      ...options,
    },
  );
  const local = node.connect();
  host.report = async (request) => {
    await local.client.heartbeat(request);
  };
  return {
    ...node,
    async [Symbol.asyncDispose]() {
      await local[Symbol.asyncDispose]();
      await node[Symbol.asyncDispose]();
    },
  };
}

export interface FakeAggregatorOptions {
  readonly name: string;
  readonly members: readonly Member[];
  readonly connect: (endpoint: Endpoint) => FleetConnection;
  readonly listen: readonly Endpoint[];
  /** Holds the membership; write it again to change who belongs. */
  readonly files?: FakeFiles;
}

/** Starts a real aggregator over given members. */
export async function startFakeAggregator(options: FakeAggregatorOptions): Promise<RunningAggregator> {
  const files = options.files ?? new FakeFiles();
  const path = "/fake/fleet/membership.json";
  files.write(path, JSON.stringify(options.members));
  const membership = {
    path,
    maxBytes: 1_000_000,
    parse: (text: string): readonly Member[] => JSON.parse(text),
    missing: () => new Error("no membership") as never,
  };
  return startAggregator(
    {
      clock: realClock,
      log: silentLog,
      tracer: new RecordingTracer(),
      random: () => 0.1,
      newId,
      connect: options.connect,
      store: memoryMessageStore(),
      openMembership: (onChange): Promise<LastGoodFile<readonly Member[]>> =>
        openLastGoodFile(files, silentLog, membership, onChange),
    },
    {
      id: `id-of-${options.name}`,
      host: options.name,
      version: "0.1.0",
      pid: 4711,
      listen: options.listen,
      logCapacity: LOG_CAPACITY,
    },
  );
}

/** The member that a running node is, for who reaches it over TCP. */
export function memberOf(host: FakeHost, [endpoint]: readonly Endpoint[]): Member {
  if (!endpoint) throw new Error(`${host.host} listens nowhere`);
  return { name: host.host, tenantId: host.tenantId, role: "node", addresses: [endpoint] };
}

/** Connections to servers in this process, by made-up addresses. */
export class MemoryNetwork {
  readonly #servers = new Map<string, Pick<RunningNode, "connect">>();

  /** Gives a server an address. */
  add(name: string, server: Pick<RunningNode, "connect">): Endpoint {
    const endpoint: Endpoint = { kind: "unix", path: `/memory/${name}` };
    this.#servers.set(formatEndpoint(endpoint), server);
    return endpoint;
  }

  readonly connect = (endpoint: Endpoint): FleetConnection => {
    const server = this.#servers.get(formatEndpoint(endpoint));
    if (!server) throw new Error(`nothing serves at ${formatEndpoint(endpoint)}`);
    return server.connect();
  };
}
