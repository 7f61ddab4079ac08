import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { eventually } from "@mosaic/testkit";
import { BENCH_TENANT } from "../bench/simulated-host.ts";
import type { ExpectedHost } from "./expected-host.ts";
import type { FaultNet } from "./fault-net.ts";
import type { HostsOrder } from "./host-process.ts";

export interface HostGroupOptions {
  readonly net: FaultNet;
  /** Number of the first host, of all that share the network. */
  readonly first: number;
  readonly count: number;
  readonly agents: number;
}

/** The port of host 0. */
const BASE_PORT = 20_000;

/** Some simulated hosts in one process, which can be killed, stopped and started again. Disposing ends it. */
export class HostGroup implements AsyncDisposable {
  readonly #options: HostGroupOptions;
  readonly hosts: readonly ExpectedHost[];
  #child: ChildProcess | undefined;

  constructor(options: HostGroupOptions) {
    this.#options = options;
    this.hosts = Array.from({ length: options.count }, (_, index) => simulatedMember(options.first + index, options.agents));
  }

  /** Starts the process and waits until every host serves. */
  async start(): Promise<void> {
    const { net, first, count, agents } = this.#options;
    const program = new URL("./simulated-hosts-program.ts", import.meta.url);
    const [execPath, ...execArgv] = net.inside([process.execPath]);
    this.#child = fork(program, [first, count, agents, BASE_PORT].map(String), { execPath, execArgv });
    await this.#answer();
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#child?.kill(signal);
  }

  /** Kills the process, with all its hosts. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  order(order: HostsOrder): void {
    this.#child?.send(order);
  }

  /** The rows of each host as they are now, by host's name. */
  async rows(): Promise<Readonly<Record<string, string>>> {
    this.order({ kind: "rows" });
    return await this.#answer<Record<string, string>>();
  }

  async #answer<T>(): Promise<T> {
    const child = this.#child;
    if (!child) throw new Error("the process of these hosts does not run");
    let message: T | undefined;
    child.once("message", (told) => {
      message = told as T;
    });
    return await eventually(
      "the simulated hosts answer",
      () => {
        if (child.exitCode !== null) throw new Error(`a process of simulated hosts ended with ${child.exitCode}`);
        return message;
      },
      60_000,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

function simulatedMember(index: number, agents: number): ExpectedHost {
  return {
    tenantId: BENCH_TENANT,
    name: `host-${String(index).padStart(4, "0")}`,
    agents: Array.from({ length: agents }, (_, place) => `coder${place}`),
    port: BASE_PORT + index,
  };
}
