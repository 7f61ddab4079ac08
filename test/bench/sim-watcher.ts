import { HostState, type ListResponse } from "@mosaic/wire";
import { percentile } from "./figures.ts";
import type { SimulatedAggregator } from "./simulated-fleet.ts";
import { CHANGED_AT } from "./simulated-host.ts";

/** What was seen since the last look. */
export interface Sight {
  readonly changes: number;
  /** From a change at its host to us, in ms. */
  readonly changeP50Ms: number | undefined;
  readonly changeP99Ms: number | undefined;
  /** One List of everything, call to decoded reply, in ms. */
  readonly listMs: number;
  readonly rows: number;
  /** How many hosts are in which state, by name. */
  readonly hosts: Readonly<Record<string, number>>;
  /** Hosts that the answer did not name. There may never be one. */
  readonly missing: number;
}

/** Watches an aggregator as any client does, and looks at all of it when asked. */
export class SimWatcher {
  readonly #aggregator: SimulatedAggregator;
  readonly #expected: number;
  readonly #stop = new AbortController();
  readonly #watching: Promise<void>;
  #latencies: number[] = [];
  #isPastSnapshot = false;

  constructor(aggregator: SimulatedAggregator, expectedHosts: number) {
    this.#aggregator = aggregator;
    this.#expected = expectedHosts;
    this.#watching = this.#watch();
  }

  async look(): Promise<Sight> {
    const startMs = performance.now();
    const response = await this.list();
    const listMs = performance.now() - startMs;
    const latencies = this.#latencies;
    this.#latencies = [];
    return {
      changes: latencies.length,
      changeP50Ms: latencies.length > 0 ? percentile(latencies, 0.5) : undefined,
      changeP99Ms: latencies.length > 0 ? percentile(latencies, 0.99) : undefined,
      listMs,
      rows: response.agents.length,
      hosts: byState(response),
      missing: this.#expected - new Set(response.hosts.map(({ host }) => host)).size,
    };
  }

  /** Everything, from the aggregator's memory: all pages. */
  async list(): Promise<ListResponse> {
    const whole = await this.#aggregator.client.list({});
    for (let token = whole.nextPageToken; token !== ""; ) {
      const page = await this.#aggregator.client.list({ pageToken: token });
      whole.agents.push(...page.agents);
      token = page.nextPageToken;
    }
    return whole;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    try {
      for await (const { frame } of this.#aggregator.client.watch({}, { signal: this.#stop.signal })) {
        if (frame.case === "snapshotEnd") this.#isPastSnapshot = true;
        if (frame.case !== "upsert" || !this.#isPastSnapshot || !frame.value.stateDetail.startsWith(CHANGED_AT)) continue;
        const changedAtMs = Number(frame.value.stateDetail.slice(CHANGED_AT.length));
        this.#latencies.push(performance.timeOrigin + performance.now() - changedAtMs);
      }
    } catch (thrown) {
      // Ended by us; any other end shows in the next look, which fails as well.
      if (!this.#stop.signal.aborted) process.stderr.write(`sim: the watch ended: ${String(thrown)}\n`);
    }
  }
}

function byState({ hosts }: ListResponse): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { state } of hosts) {
    const name = Object.entries(HostState).find(([, value]) => value === state)?.[0] ?? String(state);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
