import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { formatEndpoint } from "../endpoint.ts";
import { METRICS, type MetricDefinition, type MetricName } from "./metric-catalogue.ts";
import type { MetricLabels, MetricSample, Metrics } from "./metrics.ts";
import { serveMetrics } from "./metrics-endpoint.ts";
import type { MetricsOptions } from "./metrics-options.ts";

type ReadSamples = () => Iterable<MetricSample>;

/** Keeps every metric of the catalogue in one registry, shows it where it is asked for, and sends it too when `isSent`. */
export async function openMetrics(options: MetricsOptions, isSent: boolean): Promise<Metrics> {
  await using opening = new AsyncDisposableStack();
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  opening.defer(() => registry.clear());
  const readers = new Map<MetricName, ReadSamples>();
  const { counters, histograms } = register(registry, readers);
  const text = { contentType: registry.contentType, text: () => registry.metrics() };
  const { listen, log } = options;
  const endpoint = listen && opening.use(await serveMetrics(listen, text, log, options.readers)).endpoint;
  if (endpoint) log.info({ endpoint: formatEndpoint(endpoint) }, "metrics are shown");
  if (isSent) {
    const { startSending } = await import("./otlp-metrics.ts");
    opening.use(await startSending(() => registry.getMetricsAsJSON(), options));
  }
  const stack = opening.move();
  return {
    endpoint,
    count: (name, labels, by = 1) => counters.get(name)?.inc(labels, by),
    observe: (name, labels, value) => histograms.get(name)?.observe(labels, value),
    read: (name, read) => void readers.set(name, read),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function register(registry: Registry, readers: ReadonlyMap<MetricName, ReadSamples>) {
  const counters = new Map<MetricName, Counter>();
  const histograms = new Map<MetricName, Histogram>();
  for (const [name, definition] of Object.entries(METRICS) as [MetricName, MetricDefinition][]) {
    const { kind, help, labels, buckets = [] } = definition;
    const common = { name, help, labelNames: [...labels], registers: [registry] };
    if (kind === "histogram") histograms.set(name, new Histogram({ ...common, buckets: [...buckets] }));
    else if (kind === "gauge")
      new Gauge({
        ...common,
        collect() {
          fill(this, readers.get(name));
        },
      });
    else
      counters.set(
        name,
        new Counter({
          ...common,
          collect() {
            fill(this, readers.get(name));
          },
        }),
      );
  }
  return { counters, histograms };
}

// What is read is all there is: a host that was taken out of the fleet leaves no value behind.
function fill(metric: Pick<Gauge, "reset" | "inc">, read: ReadSamples | undefined): void {
  if (!read) return;
  metric.reset();
  for (const { labels = {}, value } of read()) metric.inc(labels as MetricLabels, value);
}
