import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** A span as OTLP/HTTP brings it in JSON, with the name of the service that made it. */
export interface CollectedSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty: the first span of its trace. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: "internal" | "server" | "client" | "other";
  readonly events: readonly string[];
}

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind?: number;
  readonly events?: readonly { readonly name: string }[];
}

interface OtlpBatch {
  readonly resourceSpans?: readonly {
    readonly resource?: {
      readonly attributes?: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
    };
    readonly scopeSpans?: readonly { readonly spans?: readonly OtlpSpan[] }[];
  }[];
}

const PATHS = ["/v1/traces", "/v1/metrics"];

/** A collector of traces on a port of its own on 127.0.0.1. Disposing stops it. */
export interface OtlpCollector extends AsyncDisposable {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string;
  /** What sends traces and metrics there, in JSON. */
  readonly env: Readonly<Record<string, string>>;
  readonly spans: readonly CollectedSpan[];
  /** Everything that came in, as it came. */
  readonly bodies: readonly string[];
  /** What came in and was no OTLP JSON. */
  readonly problems: readonly string[];
}

export async function startOtlpCollector(): Promise<OtlpCollector> {
  const spans: CollectedSpan[] = [];
  const problems: string[] = [];
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    try {
      if (request.method !== "POST" || !PATHS.includes(request.url ?? ""))
        throw new Error(`unexpected ${request.method} ${request.url}`);
      const body = await bodyOf(request);
      bodies.push(body);
      // Metrics come to the same place, the last ones when a daemon ends.
      spans.push(...spansIn(JSON.parse(body) as OtlpBatch));
    } catch (thrown) {
      problems.push(String(thrown));
    }
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    endpoint,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" },
    spans,
    bodies,
    problems,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function spansIn({ resourceSpans = [] }: OtlpBatch): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) => {
    const service = resource?.attributes?.find(({ key }) => key === "service.name")?.value.stringValue ?? "";
    return scopeSpans.flatMap(({ spans = [] }) => spans.map((span) => collected(service, span)));
  });
}

function collected(
  service: string,
  { traceId, spanId, parentSpanId = "", name, kind = 0, events = [] }: OtlpSpan,
): CollectedSpan {
  const kindName = (["other", "internal", "server", "client"] as const)[kind] ?? "other";
  return { service, traceId, spanId, parentSpanId, name, kind: kindName, events: events.map((event) => event.name) };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
