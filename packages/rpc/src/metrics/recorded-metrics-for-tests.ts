import type { MetricSample, Metrics } from "./metrics.ts";

/** Metrics that a test can look at. */
export interface RecordedMetrics extends Metrics {
  /** `name label=value,… by` for each count and observation, in order. */
  readonly lines: readonly string[];
  /** What a reading of one metric shows now. */
  samples(name: string): readonly MetricSample[];
}

/** Keeps everything that is counted, and no measurement's value: that depends on the machine. */
export function recordedMetrics(): RecordedMetrics {
  const lines: string[] = [];
  const readers = new Map<string, () => Iterable<MetricSample>>();
  const text = (labels: Readonly<Record<string, string>>) =>
    Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(",");
  return {
    endpoint: undefined,
    lines,
    count(name, labels, by = 1) {
      if (by > 0) lines.push(`${name} ${text(labels)} ${by}`);
    },
    observe: (name, labels) => void lines.push(`${name} ${text(labels)}`),
    read: (name, read) => void readers.set(name, read),
    samples: (name) => [...(readers.get(name)?.() ?? [])],
    async [Symbol.asyncDispose]() {},
  };
}
