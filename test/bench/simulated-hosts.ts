import { createHash } from "node:crypto";
import { passThroughTracer, silentLog } from "@mosaic/core";
import { LiveStreams, type RpcServer, serveFleet } from "@mosaic/rpc";
import { pick, seededRandom } from "@mosaic/testkit";
import { type SimulatedHost, simulatedHost } from "./simulated-host.ts";

/** What a host can suffer from: its server is gone; it is there and answers nothing more; each answer takes 3 s. */
export type Fault = "down" | "hang" | "slow";

/** What the process of the hosts is told by the one that started it. */
export type HostsOrder =
  | { readonly kind: "churn"; readonly perSecond: number; readonly seed: number }
  | { readonly kind: "fault"; readonly host: number; readonly fault: Fault | "none" }
  | { readonly kind: "tally" };

/** What the hosts hold, told on `tally`. */
export interface HostsTally {
  readonly rows: number;
  /** `fingerprint` of the rows. */
  readonly fingerprint: string;
}

/** Many simulated hosts, each served on a Unix socket of its own. */
export class SimulatedHosts {
  readonly #folder: string;
  readonly #hosts: readonly SimulatedHost[];
  readonly #servers = new Map<SimulatedHost, RpcServer>();
  #churn: NodeJS.Timeout | undefined;
  /** The last start or stop that was asked for. */
  #turn: Promise<void> = Promise.resolve();

  constructor(folder: string, hostCount: number, agentCount: number) {
    this.#folder = folder;
    this.#hosts = Array.from({ length: hostCount }, (_, index) => simulatedHost(index, agentCount));
  }

  /** @returns the hosts' names; the socket of each is `<folder>/<name>.sock` */
  async serve(): Promise<string[]> {
    for (const host of this.#hosts) await this.#start(host);
    return this.#hosts.map((host) => host.name);
  }

  /** Changes rows all over the fleet, the same ones in the same order for the same seed. */
  churn(perSecond: number, seed: number): void {
    clearInterval(this.#churn);
    const random = seededRandom(seed);
    if (perSecond > 0) this.#churn = setInterval(() => pick(this.#hosts, random).change(random), 1000 / perSecond);
  }

  async fault(index: number, fault: Fault | "none"): Promise<void> {
    const host = this.#hosts[index];
    if (!host) return;
    host.suffer(fault === "down" ? "none" : fault);
    // A host that stops takes leave of its watchers first, and is not to start again over its own socket meanwhile.
    this.#turn = this.#turn.then(() => (fault === "down" ? this.#stop(host) : this.#start(host)));
    await this.#turn;
  }

  tally(): HostsTally {
    const rows = this.#hosts.flatMap((host) => host.log.state.rows()).map(({ row }) => row);
    return { rows: rows.length, fingerprint: fingerprint(rows) };
  }

  async #start(host: SimulatedHost): Promise<void> {
    if (this.#servers.has(host)) return;
    const listen = [{ kind: "unix", path: `${this.#folder}/${host.name}.sock` }] as const;
    const carried = { handlers: host.handlers, streams: new LiveStreams(), tracer: passThroughTracer, log: silentLog };
    this.#servers.set(host, await serveFleet({ ...carried, listen }));
  }

  async #stop(host: SimulatedHost): Promise<void> {
    const server = this.#servers.get(host);
    this.#servers.delete(host);
    await server?.[Symbol.asyncDispose]();
  }
}

/** A short text that two sets of rows have in common only if they are the same. */
export function fingerprint(rows: readonly { host: string; name: string; state: number; stateDetail: string }[]): string {
  const lines = rows.map(({ host, name, state, stateDetail }) => `${host}/${name} ${state} ${stateDetail}`).sort();
  return createHash("sha256").update(lines.join("\n")).digest("hex").slice(0, 16);
}
