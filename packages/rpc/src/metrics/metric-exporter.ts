import type { PushMetricExporter } from "@opentelemetry/sdk-metrics";
import { otlpProtocol, otlpTimeoutMs } from "../telemetry/otlp-settings.ts";
import type { TelemetryOptions } from "../telemetry/telemetry-options.ts";

/** Makes what sends metrics over the protocol that the standard variables name, and loads no other. */
export async function openMetricExporter(options: TelemetryOptions): Promise<PushMetricExporter> {
  const timeoutMillis = otlpTimeoutMs(options, "METRICS");
  const protocol = otlpProtocol(options, "METRICS");
  switch (protocol) {
    case "grpc":
      return (await import("../telemetry/grpc-exporter.ts")).grpcMetricExporter(options);
    case "http/protobuf":
      return new (await import("@opentelemetry/exporter-metrics-otlp-proto")).OTLPMetricExporter({ timeoutMillis });
    case "http/json":
      return new (await import("@opentelemetry/exporter-metrics-otlp-http")).OTLPMetricExporter({ timeoutMillis });
    default:
      return protocol satisfies never;
  }
}
