import type { HrTime } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { type MetricData, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import type { MetricObjectWithValues, MetricValue } from "prom-client";
import { resourceAttributes } from "../telemetry/resource-attributes.ts";
import type { TelemetryEnvironment, TelemetryOptions } from "../telemetry/telemetry-options.ts";
import { tellProblems } from "../telemetry/tell-problems.ts";
import { openMetricExporter } from "./metric-exporter.ts";
import { toMetricData } from "./otlp-data.ts";

/** The standard's own defaults, in ms. */
const [INTERVAL_MS, TIMEOUT_MS] = [60_000, 30_000];
/** How long the last sending may take when a daemon ends, in ms. */
const FLUSH_TIMEOUT_MS = 1000;

/** Sends what is read every now and then over OTLP, as and to where the standard variables say. Disposing sends once more. */
export async function startSending(
  read: () => Promise<MetricObjectWithValues<MetricValue<string>>[]>,
  options: TelemetryOptions,
): Promise<AsyncDisposable> {
  const onProblem = tellProblems(options.log);
  const exporter = await openMetricExporter(options);
  const exportIntervalMillis = positive(options.env, "OTEL_METRIC_EXPORT_INTERVAL", INTERVAL_MS);
  const exportTimeoutMillis = Math.min(positive(options.env, "OTEL_METRIC_EXPORT_TIMEOUT", TIMEOUT_MS), exportIntervalMillis);
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis,
    exportTimeoutMillis,
  });
  const resource = resourceFromAttributes(resourceAttributes(options));
  const startTime = hrTimeNow();
  reader.setMetricProducer({
    async collect() {
      const endTime = hrTimeNow();
      const metrics = (await read()).flatMap((metric): MetricData[] => toMetricData(metric, startTime, endTime));
      return { resourceMetrics: { resource, scopeMetrics: [{ scope: { name: "mosaic" }, metrics }] }, errors: [] };
    },
  });
  return {
    async [Symbol.asyncDispose]() {
      // A collector that is down must not keep a daemon from ending, or fail it.
      await reader.shutdown({ timeoutMillis: FLUSH_TIMEOUT_MS }).catch(onProblem);
      // After a failure nobody has ended it, and its connection would keep the daemon alive.
      void exporter.shutdown().catch(onProblem);
    },
  };
}

function positive(env: TelemetryEnvironment, name: string, otherwise: number): number {
  const value = Number(env[name]);
  return Number.isInteger(value) && value > 0 ? value : otherwise;
}

function hrTimeNow(): HrTime {
  const nowMs = Date.now();
  return [Math.trunc(nowMs / 1000), (nowMs % 1000) * 1_000_000];
}
