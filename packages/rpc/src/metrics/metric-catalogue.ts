/** How a metric behaves, in Prometheus' words. */
export type MetricKind = "counter" | "gauge" | "histogram";

export interface MetricDefinition {
  readonly kind: MetricKind;
  /** One line for people, as `# HELP` shows it. */
  readonly help: string;
  /** Only labels whose values are few: never an agent, a message, a path or a text. */
  readonly labels: readonly string[];
  /** Upper bounds, in the metric's unit. For histograms only. */
  readonly buckets?: readonly number[];
}

/** Calls are answered from memory in under a millisecond; a send that waits for its receipt takes up to half a minute. In s. */
const CALL_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30];

/** Every metric of Mosaic's own that a daemon may show: the closed list that dashboards and alerts are held to.
 *  `docs/observability.md` tells what each is good for. */
export const METRICS = {
  mosaic_build_info: { kind: "gauge", help: "1; what runs here.", labels: ["role", "version"] },
  mosaic_rpc_handled_total: {
    kind: "counter",
    help: "Calls that are over, by rpc and by how they ended: OK, or an error code of Mosaic's.",
    labels: ["method", "code"],
  },
  mosaic_rpc_duration_seconds: {
    kind: "histogram",
    help: "How long calls with one answer took, by rpc. Streams are not in it.",
    labels: ["method"],
    buckets: CALL_BUCKETS_S,
  },
  mosaic_rpc_in_flight: { kind: "gauge", help: "Calls that go on now, streams among them, by rpc.", labels: ["method"] },
  mosaic_leaked_handlers: { kind: "gauge", help: "Streaming handlers that run 10 s after their call was over.", labels: [] },
  mosaic_hosts: { kind: "gauge", help: "Expected hosts by state.", labels: ["state"] },
  mosaic_host_state: { kind: "gauge", help: "1 for the state that an expected host is in.", labels: ["tenant", "host", "state"] },
  mosaic_agents: { kind: "gauge", help: "Agents by state, as last known.", labels: ["state"] },
  mosaic_conditions: { kind: "gauge", help: "What the daemon and its hosts say needs a person, by type.", labels: ["type"] },
  mosaic_messages_unfinished: { kind: "gauge", help: "Messages that are not at their end.", labels: ["store"] },
  mosaic_store_refusing: { kind: "gauge", help: "1 while nothing can be made durable.", labels: ["store"] },
  mosaic_receipts_total: {
    kind: "counter",
    help: "Messages that came to a state, by the runtime of their agent and the version of the daemon.",
    labels: ["store", "state", "runtime", "version"],
  },
  mosaic_watch_divergences_total: { kind: "counter", help: "Watchers whose view did not add up to ours.", labels: [] },
  mosaic_live_retries_total: { kind: "counter", help: "Second tries of members in live questions.", labels: [] },
  mosaic_breaker_opened_total: { kind: "counter", help: "Members set aside because they failed in a row.", labels: [] },
  mosaic_breaker_refused_total: { kind: "counter", help: "Questions not asked of members that are set aside.", labels: [] },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof METRICS;
export type NameOf<Kind extends MetricKind> = {
  [Name in MetricName]: (typeof METRICS)[Name]["kind"] extends Kind ? Name : never;
}[MetricName];

/** What the library shows of the process itself, of which dashboards and alerts use these; names are those that every Node
 *  service has. */
export const PROCESS_METRICS: readonly string[] = [
  "process_cpu_seconds_total",
  "process_resident_memory_bytes",
  "process_open_fds",
  "process_start_time_seconds",
  "nodejs_eventloop_lag_seconds",
  "nodejs_eventloop_lag_p50_seconds",
  "nodejs_eventloop_lag_p99_seconds",
  "nodejs_eventloop_lag_max_seconds",
  "nodejs_heap_size_used_bytes",
  "nodejs_gc_duration_seconds",
];
