import type { Counters, FleetLog, MessageStore } from "@mosaic/core";
import { AgentState, type Condition, HostState, type HostStatus } from "@mosaic/wire";
import type { LiveStreams } from "../server/live-streams.ts";
import { EnumLabels } from "./enum-labels.ts";
import { meterReceipts } from "./meter-receipts.ts";
import type { MetricSample, Metrics } from "./metrics.ts";

/** What of a daemon can be read at any moment. */
export interface MeteredDaemon {
  readonly role: "node" | "aggregator";
  readonly version: string;
  readonly fleetLog: FleetLog;
  /** A host's status as of now. */
  readonly asOfNow: (status: HostStatus) => HostStatus;
  /** What the daemon says of itself, besides what its hosts say. Default: nothing. */
  readonly conditions?: (() => readonly Condition[]) | undefined;
  readonly store: MessageStore;
  readonly streams: Pick<LiveStreams, "leaked">;
  readonly counters: Pick<Counters, "of">;
}

/** Beyond this many hosts only their number by state is told: a collector pays for each value that has a name. */
const MAX_NAMED_HOSTS = 2000;
/** There are some 30 of them; a host could tell any. */
const MAX_CONDITIONS = 100;
/** How long statuses are good for, in ms: one reading asks several times. */
const FRESH_MS = 50;

/** Lets a daemon's metrics be read. Nothing is kept and nothing costs until they are, but for counting receipts. */
export function meterFleet(metrics: Metrics, daemon: MeteredDaemon): Disposable {
  const { role, version, fleetLog, store, streams, counters } = daemon;
  const storeName = role === "node" ? "inbox" : "outbox";
  const hosts = remembered(() => fleetLog.state.hosts().map(daemon.asOfNow));
  metrics.read("mosaic_build_info", () => [{ labels: { role, version }, value: 1 }]);
  metrics.read("mosaic_hosts", () => samplesOf("state", hostStates.count(hosts(), stateOf)));
  metrics.read("mosaic_host_state", () => hosts().slice(0, MAX_NAMED_HOSTS).map(hostState));
  metrics.read("mosaic_agents", () => samplesOf("state", agentStates.count(fleetLog.state.agentsInAnyOrder(), stateOf)));
  metrics.read("mosaic_conditions", () => {
    const told = [...(daemon.conditions?.() ?? []), ...hosts().flatMap(({ conditions }) => conditions)];
    return samplesOf("type", countsOf(told.map(({ type }) => type))).slice(0, MAX_CONDITIONS);
  });
  const labels = { store: storeName };
  metrics.read("mosaic_messages_unfinished", () => [{ labels, value: store.health().unfinished }]);
  metrics.read("mosaic_store_refusing", () => [{ labels, value: store.health().refusal === undefined ? 0 : 1 }]);
  metrics.read("mosaic_leaked_handlers", () => [{ value: streams.leaked }]);
  for (const [metric, counter] of COUNTERS) metrics.read(metric, () => [{ value: Number(counters.of(counter)) }]);
  return meterReceipts(metrics, { store, storeName, version, fleetLog });
}

const hostStates = new EnumLabels(HostState);
const agentStates = new EnumLabels(AgentState);
const stateOf = ({ state }: { readonly state: number }) => state;

/** What daemons count anyway, and under what name. */
const COUNTERS = [
  ["mosaic_watch_divergences_total", "watch_divergence_total"],
  ["mosaic_live_retries_total", "live_retries_total"],
  ["mosaic_breaker_opened_total", "breaker_opened_total"],
  ["mosaic_breaker_refused_total", "breaker_refused_total"],
] as const;

function hostState({ tenantId, host, state }: HostStatus): MetricSample {
  return { labels: { tenant: tenantId, host, state: hostStates.of(state) }, value: 1 };
}

function samplesOf(label: string, counts: ReadonlyMap<string, number>): MetricSample[] {
  return Array.from(counts, ([name, value]) => ({ labels: { [label]: name }, value }));
}

function countsOf(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function remembered<T>(read: () => T): () => T {
  let last: { readonly value: T; readonly atMs: number } | undefined;
  return () => {
    const nowMs = performance.now();
    if (!last || nowMs - last.atMs > FRESH_MS) last = { value: read(), atMs: nowMs };
    return last.value;
  };
}
