import { type Attributes, type HrTime, ValueType } from "@opentelemetry/api";
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
} from "@opentelemetry/sdk-metrics";
import type { MetricObjectWithValues, MetricValue } from "prom-client";

type Metric = MetricObjectWithValues<MetricValue<string>>;

/** One metric of the registry as OpenTelemetry has it, under the same name; none for what has no counterpart there (summaries).
 *  @param startTime when counting began */
export function toMetricData(metric: Metric, startTime: HrTime, endTime: HrTime): MetricData[] {
  const { name, help, values } = metric;
  const base = {
    descriptor: { name, description: help, unit: unitOf(name), valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  const point = <T>(attributes: Attributes, value: T): DataPoint<T> => ({ startTime, endTime, attributes, value });
  const numbers = () => values.map((each) => point(labelsOf(each), each.value));
  // The library's types say an enum, its data the name.
  switch (String(metric.type)) {
    case "counter":
      return [{ ...base, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints: numbers() }];
    case "gauge":
      return [{ ...base, dataPointType: DataPointType.GAUGE, dataPoints: numbers() }];
    case "histogram":
      return [
        {
          ...base,
          dataPointType: DataPointType.HISTOGRAM,
          dataPoints: histogramsOf(metric).map(([labels, value]) => point(labels, value)),
        },
      ];
    default:
      return [];
  }
}

// A registry tells a histogram as a run of values: buckets that each count all below them, then sum and count.
function histogramsOf({ name, values }: Metric): [Attributes, Histogram][] {
  const groups = new Map<string, { labels: Attributes; bounds: number[]; upTo: number[]; sum: number; count: number }>();
  for (const each of values as (MetricValue<string> & { readonly metricName?: string })[]) {
    const { le, ...labels } = labelsOf(each);
    const key = JSON.stringify(Object.entries(labels).sort());
    const group = groups.get(key) ?? { labels, bounds: [], upTo: [], sum: 0, count: 0 };
    groups.set(key, group);
    if (each.metricName === `${name}_sum`) group.sum = each.value;
    else if (each.metricName === `${name}_count`) group.count = each.value;
    else if (le !== "+Inf") {
      group.bounds.push(Number(le));
      group.upTo.push(each.value);
    }
  }
  return [...groups.values()].map(({ labels, bounds, upTo, sum, count }) => {
    const counts = [...upTo, count].map((value, index, all) => value - (index === 0 ? 0 : (all[index - 1] ?? 0)));
    return [labels, { buckets: { boundaries: bounds, counts }, sum, count }];
  });
}

function labelsOf({ labels }: MetricValue<string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
  );
}

function unitOf(name: string): string {
  if (/_seconds(_total)?$/.test(name)) return "s";
  return name.endsWith("_bytes") ? "By" : "1";
}
