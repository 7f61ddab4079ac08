import { randomUUID } from "node:crypto";
import { passThroughTracer, silentLog } from "@mosaic/core";
import { LiveStreams, serveFleet } from "@mosaic/rpc";
import { AgentState } from "@mosaic/wire";
import { CHANGED_AT, type SimulatedHost, simulatedHost } from "../bench/simulated-host.ts";
import { rowsText } from "./rows-text.ts";

/** What the process of the hosts is told by the one that started it. */
export type HostsOrder =
  /** Rows change that often, all of the process together; 0: no more. None comes and none goes. */
  | { readonly kind: "churn"; readonly perSecond: number }
  | { readonly kind: "suffer"; readonly host: string; readonly how: "hang" | "slow" | "none" }
  /** Answered with {@link HostProcess.rows}. */
  | { readonly kind: "rows" };

export interface HostProcessOptions {
  /** Number of the first host. */
  readonly first: number;
  readonly count: number;
  readonly agents: number;
  /** The port of host 0. */
  readonly basePort: number;
}

/** Simulated hosts on TCP, whose logs begin anew with each life of their process, as those of real nodes do. */
export class HostProcess {
  readonly #options: HostProcessOptions;
  readonly #hosts: readonly SimulatedHost[];
  #churn: NodeJS.Timeout | undefined;
  #turn = 0;

  constructor(options: HostProcessOptions) {
    this.#options = options;
    const life = randomUUID();
    this.#hosts = Array.from({ length: options.count }, (_, index) =>
      simulatedHost(options.first + index, options.agents, `${life}-${index}`),
    );
  }

  async serve(): Promise<void> {
    for (const [index, host] of this.#hosts.entries()) {
      const port = this.#options.basePort + this.#options.first + index;
      const listen = [{ kind: "tcp", hostname: "127.0.0.1", port }] as const;
      const carried = { handlers: host.handlers, streams: new LiveStreams(), tracer: passThroughTracer, log: silentLog };
      await serveFleet({ ...carried, listen });
    }
  }

  churn(perSecond: number): void {
    clearInterval(this.#churn);
    if (perSecond > 0) this.#churn = setInterval(() => this.#change(), 1000 / perSecond);
  }

  suffer(name: string, how: "hang" | "slow" | "none"): void {
    this.#hosts.find((host) => host.name === name)?.suffer(how);
  }

  /** The rows of each host as they are now, by host's name. */
  rows(): Record<string, string> {
    return Object.fromEntries(this.#hosts.map(({ name, log }) => [name, rowsText(log.state.agents())]));
  }

  #change(): void {
    this.#turn += 1;
    const host = this.#hosts[this.#turn % this.#hosts.length];
    const rows = host?.log.state.agents() ?? [];
    const row = rows[Math.floor(this.#turn / this.#hosts.length) % rows.length];
    const state = this.#turn % 2 === 0 ? AgentState.WORKING : AgentState.IDLE;
    const stateDetail = `${CHANGED_AT}${performance.timeOrigin + performance.now()}`;
    if (row) host?.log.publish([{ kind: "upsert", row: { ...row, state, stateDetail } }]);
  }
}
