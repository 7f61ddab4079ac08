import {
  createOtlpNetworkExportDelegate,
  ExporterMetrics,
  getSharedConfigurationDefaults,
  type IExporterTransport,
  type IOtlpExportDelegate,
  OTLPExporterBase,
} from "@opentelemetry/otlp-exporter-base";
import {
  MetricsExporterMetricsHelper,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
  TraceExporterMetricsHelper,
} from "@opentelemetry/otlp-transformer";
import type { ResourceMetrics } from "@opentelemetry/sdk-metrics";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { grpcExporterTransport } from "./grpc-exporter-transport.ts";
import { readGrpcSettings } from "./grpc-settings.ts";
import type { TelemetryOptions } from "./telemetry-options.ts";

/** Sends spans over gRPC. */
export function grpcSpanExporter(options: TelemetryOptions): OTLPExporterBase<ReadableSpan[]> {
  const settings = readGrpcSettings(options, "TRACES");
  const { origin: url, timeoutMs: timeoutMillis } = settings;
  const shared = { ...getSharedConfigurationDefaults(), timeoutMillis };
  const metrics = new ExporterMetrics({
    ...uncounted,
    url,
    componentType: "otlp_grpc_span_exporter",
    metricsHelper: TraceExporterMetricsHelper,
  });
  const transport = grpcExporterTransport(settings, "TRACES");
  return endedAtOnce(createOtlpNetworkExportDelegate(shared, ProtobufTraceSerializer, metrics, transport), transport);
}

/** Sends metrics over gRPC. */
export function grpcMetricExporter(options: TelemetryOptions): OTLPExporterBase<ResourceMetrics> {
  const settings = readGrpcSettings(options, "METRICS");
  const { origin: url, timeoutMs: timeoutMillis } = settings;
  const shared = { ...getSharedConfigurationDefaults(), timeoutMillis };
  const metrics = new ExporterMetrics({
    ...uncounted,
    url,
    componentType: "otlp_grpc_metric_exporter",
    metricsHelper: MetricsExporterMetricsHelper,
  });
  const transport = grpcExporterTransport(settings, "METRICS");
  return endedAtOnce(createOtlpNetworkExportDelegate(shared, ProtobufMetricsSerializer, metrics, transport), transport);
}

/** The library counts what it sends, and here nobody asks for that. */
const uncounted = { meterProvider: undefined, responseAttributesFromError: () => ({}) };

/** An exporter whose end waits for nothing: who ends it has waited as long as it would. */
function endedAtOnce<T>(delegate: IOtlpExportDelegate<T>, transport: IExporterTransport): OTLPExporterBase<T> {
  return new (class extends OTLPExporterBase<T> {
    override async shutdown(): Promise<void> {
      transport.shutdown();
    }
  })(delegate);
}
