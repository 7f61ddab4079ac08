import type { SpanExporter } from "@opentelemetry/sdk-trace";
import { otlpProtocol, otlpTimeoutMs } from "./otlp-settings.ts";
import type { TelemetryOptions } from "./telemetry-options.ts";

/** Makes what sends spans over the protocol that the standard variables name, and loads no other. */
export async function openSpanExporter(options: TelemetryOptions): Promise<SpanExporter> {
  const timeoutMillis = otlpTimeoutMs(options, "TRACES");
  const protocol = otlpProtocol(options, "TRACES");
  switch (protocol) {
    case "grpc":
      return (await import("./grpc-exporter.ts")).grpcSpanExporter(options);
    case "http/protobuf":
      return new (await import("@opentelemetry/exporter-trace-otlp-proto")).OTLPTraceExporter({ timeoutMillis });
    case "http/json":
      return new (await import("@opentelemetry/exporter-trace-otlp-http")).OTLPTraceExporter({ timeoutMillis });
    default:
      return protocol satisfies never;
  }
}
