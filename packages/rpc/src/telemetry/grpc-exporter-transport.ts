import { create, createFileRegistry, type DescMethodUnary, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  EmptySchema,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  file_google_protobuf_empty,
} from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { compressionGzip, createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import type { ExportResponse, IExporterTransport } from "@opentelemetry/otlp-exporter-base";
import type { GrpcSettings } from "./grpc-settings.ts";
import type { OtlpSignal } from "./signal-variables.ts";

/** Pauses between tries, in ms: the first, then twice as long each time. */
const FIRST_PAUSE_MS = 250;
/** What OTLP says may be tried again. */
const PASSING: ReadonlySet<Code> = new Set([
  Code.Canceled,
  Code.DeadlineExceeded,
  Code.Aborted,
  Code.OutOfRange,
  Code.Unavailable,
  Code.DataLoss,
]);

/** Carries OTLP over gRPC, by the client that the daemons call each other with (ADR 0038). A connection is opened with the first
 *  sending, and again after it was lost; nothing is ever thrown. Shut it down when all is sent. */
export function grpcExporterTransport(settings: GrpcSettings, signal: OtlpSignal): IExporterTransport {
  const { origin, tls } = settings;
  const sessionManager = new Http2SessionManager(origin, {}, tls);
  const transport = createGrpcTransport({
    ...{ baseUrl: origin, sessionManager, acceptCompression: [] },
    ...(settings.isCompressed ? { sendCompression: compressionGzip, acceptCompression: [compressionGzip] } : {}),
    readMaxBytes: 4 * 1024 * 1024,
  });
  const method = exportMethod(signal);
  const closed = new AbortController();
  const once = async (data: Uint8Array, timeoutMs: number): Promise<ExportResponse> => {
    try {
      const message = fromBinary(EmptySchema, data);
      // On the wire a deadline is a whole number.
      const wholeMs = Math.max(1, Math.ceil(timeoutMs));
      const reply = await transport.unary(method, closed.signal, wholeMs, settings.headers, message);
      return { status: "success", data: toBinary(EmptySchema, reply.message) };
    } catch (thrown) {
      const error = ConnectError.from(thrown);
      return { status: PASSING.has(error.code) ? "retryable" : "failure", error };
    }
  };
  return {
    async send(data, timeoutMs) {
      const endsAtMs = performance.now() + timeoutMs;
      for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs *= 2) {
        const response = await once(data, endsAtMs - performance.now());
        // Not all who lost the same collector at the same moment come back at the same moment.
        const waitMs = pauseMs * (0.8 + Math.random() * 0.4);
        if (response.status !== "retryable" || closed.signal.aborted || performance.now() + waitMs >= endsAtMs) return response;
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    },
    shutdown() {
      closed.abort();
      sessionManager.abort();
    },
  };
}

// The library writes the message, and all that is known here is its bytes: a message without fields carries those that it does not
// know as they came.
function exportMethod(signal: OtlpSignal): DescMethodUnary<typeof EmptySchema, typeof EmptySchema> {
  const [folder, service] = signal === "TRACES" ? ["trace", "TraceService"] : ["metrics", "MetricsService"];
  const packageName = `opentelemetry.proto.collector.${folder}.v1`;
  const inputType = `.${EmptySchema.typeName}`;
  const file = create(FileDescriptorProtoSchema, {
    ...{ name: "otlp.proto", package: packageName, syntax: "proto3", dependency: [file_google_protobuf_empty.proto.name] },
    service: [{ name: service, method: [{ name: "Export", inputType, outputType: inputType }] }],
  });
  const files = createFileRegistry(create(FileDescriptorSetSchema, { file: [file_google_protobuf_empty.proto, file] }));
  const method = files.getService(`${packageName}.${service}`)?.method["export"];
  if (!method) throw new Error(`no method to export ${signal}`);
  return method as DescMethodUnary<typeof EmptySchema, typeof EmptySchema>;
}
