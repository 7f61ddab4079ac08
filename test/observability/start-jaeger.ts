import { eventually } from "@mosaic/testkit";
import { type RunningProgram, startProgram } from "../mesh/run-program.ts";
import { freePort } from "./free-port.ts";
import { quietEnvironment } from "./quiet-environment.ts";

/** A span as Jaeger tells it, with its process resolved. */
export interface JaegerSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty: the first one of its trace. */
  readonly parentSpanId: string;
  readonly service: string;
  readonly name: string;
  readonly kind: string;
  readonly events: readonly string[];
  readonly tags: Readonly<Record<string, unknown>>;
  /** What the resource says of the process. */
  readonly resource: Readonly<Record<string, unknown>>;
}

/** A Jaeger with its memory as its store. Disposing ends it. */
export interface TestJaeger extends AsyncDisposable {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT, over HTTP. */
  readonly endpoint: string;
  /** For OTEL_EXPORTER_OTLP_ENDPOINT, over gRPC. */
  readonly grpcEndpoint: string;
  readonly program: RunningProgram;
  services(): Promise<readonly string[]>;
  /** Every span of the traces in which a service has one of that name. */
  spansWith(service: string, operation: string): Promise<readonly JaegerSpan[]>;
}

/** Starts Jaeger on ports of its own on 127.0.0.1. */
export async function startJaeger(binary: string): Promise<TestJaeger> {
  const [otlp, otlpGrpc, query, queryGrpc, admin, http, grpc] = await Promise.all(Array.from({ length: 7 }, freePort));
  const at = (port: number | undefined) => `127.0.0.1:${port}`;
  const flags = [
    ...[
      "--collector.otlp.enabled=true",
      `--collector.otlp.http.host-port=${at(otlp)}`,
      `--collector.otlp.grpc.host-port=${at(otlpGrpc)}`,
    ],
    ...[`--query.http-server.host-port=${at(query)}`, `--query.grpc-server.host-port=${at(queryGrpc)}`],
    ...[`--collector.http-server.host-port=${at(http)}`, `--collector.grpc-server.host-port=${at(grpc)}`],
    ...[`--admin.http.host-port=${at(admin)}`, "--collector.zipkin.host-port=", "--log-level=error"],
  ];
  const env = { ...quietEnvironment(), SPAN_STORAGE_TYPE: "memory" };
  const program = startProgram([binary, ...flags], { env });
  let isGone = false;
  void program.ended.then(() => {
    isGone = true;
  });
  const api = async <T>(path: string): Promise<T> => {
    const response = await fetch(`http://${at(query)}/api/${path}`);
    if (!response.ok) throw new Error(`Jaeger says ${response.status} to ${path}: ${await response.text()}`);
    return ((await response.json()) as { data: T }).data;
  };
  try {
    await eventually("Jaeger answers", async () => {
      if (isGone) throw new Error(`Jaeger ended: ${program.stderr()}`);
      // Until it listens the connection is refused.
      return await fetch(`http://${at(admin)}/`).then(
        ({ ok }) => ok,
        () => false,
      );
    });
  } catch (thrown) {
    await program[Symbol.asyncDispose]();
    throw thrown;
  }
  return {
    endpoint: `http://${at(otlp)}`,
    grpcEndpoint: `http://${at(otlpGrpc)}`,
    program,
    services: async () => (await api<string[] | null>("services")) ?? [],
    async spansWith(service, operation) {
      const query = new URLSearchParams({ service, operation, limit: "20", lookback: "1h" });
      return (await api<readonly JaegerTrace[]>(`traces?${query}`)).flatMap(spansOf);
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

interface Tag {
  readonly key: string;
  readonly value: unknown;
}

interface JaegerTrace {
  readonly spans: readonly {
    readonly traceID: string;
    readonly spanID: string;
    readonly operationName: string;
    readonly references?: readonly { readonly refType: string; readonly spanID: string }[];
    readonly logs?: readonly { readonly fields: readonly Tag[] }[];
    readonly tags?: readonly Tag[];
    readonly processID: string;
  }[];
  readonly processes: Readonly<Record<string, { readonly serviceName: string; readonly tags?: readonly Tag[] }>>;
}

function spansOf({ spans, processes }: JaegerTrace): JaegerSpan[] {
  return spans.map((span) => {
    const tags = record(span.tags);
    const process = processes[span.processID];
    return {
      traceId: span.traceID,
      spanId: span.spanID,
      parentSpanId: span.references?.find(({ refType }) => refType === "CHILD_OF")?.spanID ?? "",
      service: process?.serviceName ?? "",
      name: span.operationName,
      kind: String(tags["span.kind"] ?? ""),
      events: (span.logs ?? []).flatMap(({ fields }) =>
        fields.filter(({ key }) => key === "event").map(({ value }) => String(value)),
      ),
      tags,
      resource: record(process?.tags),
    };
  });
}

function record(tags: readonly Tag[] = []): Record<string, unknown> {
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}
