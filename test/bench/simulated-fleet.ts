/** Many simulated hosts in a process of their own, and the real mosaic-aggregator over them. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { connectFleet, type FleetClient, parseEndpoint } from "@mosaic/rpc";
import { HostState } from "@mosaic/wire";
import { type DaemonHome, daemonHome } from "../mesh/daemon-home.ts";
import { BENCH_TENANT } from "./simulated-host.ts";
import type { HostsOrder, HostsTally } from "./simulated-hosts.ts";

export interface SimulatedFleet extends AsyncDisposable {
  readonly hostCount: number;
  /** Starts a bare reader of all hosts, which is the least that watching them can cost, and answers when it reads. */
  readonly startBareWatchers: () => Promise<AsyncDisposable & { readonly pid: number }>;
  /** Tells the hosts to change or to fail. */
  readonly order: (order: HostsOrder) => void;
  /** What all hosts hold now. */
  readonly tally: () => Promise<HostsTally>;
  /** Starts an aggregator over all hosts; the caller ends it. */
  readonly startAggregator: () => Promise<SimulatedAggregator>;
}

export interface SimulatedAggregator extends AsyncDisposable {
  readonly pid: number;
  readonly client: FleetClient;
  /** Where it listens on loopback, `http://…`. */
  readonly url: string;
  /** When its process was started, as `performance.now()` tells. */
  readonly startedAtMs: number;
  /** What it logged so far, a line for each entry. */
  readonly logged: () => string;
}

/** Starts the hosts, each on a Unix socket of its own. */
export async function startSimulatedFleet(hostCount: number, agentCount: number): Promise<SimulatedFleet> {
  const stack = new AsyncDisposableStack();
  try {
    const home = stack.use(await daemonHome());
    const hosts = fork(new URL("./simulated-hosts-server.ts", import.meta.url), [
      home.folder,
      String(hostCount),
      String(agentCount),
    ]);
    stack.defer(() => endProcess(hosts));
    const names = await firstMessage<string[]>(hosts);
    const groups = names.map((name) => ({
      targets: [`unix:${join(home.folder, name)}.sock`],
      labels: { host: name, tenant: BENCH_TENANT },
    }));
    await home.write("fleet/hosts.yaml", JSON.stringify(groups));
    return {
      hostCount,
      async startBareWatchers() {
        const child = fork(new URL("./bare-watchers.ts", import.meta.url), [home.folder, names.join(",")]);
        await firstMessage(child);
        return { pid: child.pid ?? 0, [Symbol.asyncDispose]: () => endProcess(child) };
      },
      order: (order) => void hosts.send(order),
      tally: () => {
        hosts.send({ kind: "tally" } satisfies HostsOrder);
        return firstMessage<HostsTally>(hosts);
      },
      startAggregator: () => startAggregator(home),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (thrown) {
    await stack.disposeAsync();
    throw thrown;
  }
}

/** Waits until every host is LIVE. @throws the signal's reason */
export async function allLive({ client }: SimulatedAggregator, hostCount: number, signal?: AbortSignal): Promise<void> {
  for (;;) {
    signal?.throwIfAborted();
    // An answer names every host, whatever rows are asked for. None, and no page: the lists of pages are kept for some minutes.
    const { hosts } = await client.list({ selector: { names: ["none"] } });
    if (hosts.filter((host) => host.state === HostState.LIVE).length === hostCount) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function startAggregator(home: DaemonHome): Promise<SimulatedAggregator> {
  const startedAtMs = performance.now();
  const daemon = await home.serves("aggregator", "--listen", "127.0.0.1:0");
  const url = daemon.record.endpoints.find((endpoint) => endpoint.startsWith("http")) ?? "";
  const connection = connectFleet(parseEndpoint(url));
  return {
    pid: daemon.pid,
    client: connection.client,
    url,
    startedAtMs,
    logged: daemon.stderr,
    async [Symbol.asyncDispose]() {
      await connection[Symbol.asyncDispose]();
      daemon.kill("SIGTERM");
      await daemon.ended;
    },
  };
}

async function firstMessage<T>(child: ChildProcess): Promise<T> {
  const gone = once(child, "exit").then(([code]) => {
    throw new Error(`a process of the simulation ended with ${code}`);
  });
  return await Promise.race([once(child, "message").then(([message]) => message as T), gone]);
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, "exit");
  child.kill();
  await ended;
}
