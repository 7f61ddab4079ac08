import { MosaicError, type Span, type SpanKind, type SpanOptions, type Tracer } from "@mosaic/core";
import {
  type Context,
  type Span as OtelSpan,
  SpanKind as OtelSpanKind,
  ROOT_CONTEXT,
  type SpanContext,
  SpanStatusCode,
  TraceFlags,
  trace,
} from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { resourceAttributes } from "./resource-attributes.ts";
import { samplerOf } from "./sampler-of.ts";
import { openSpanExporter } from "./span-exporter.ts";
import type { TelemetryOptions } from "./telemetry-options.ts";
import { tellProblems } from "./tell-problems.ts";

/** How long shutdown waits for a collector that does not answer, in ms. */
const FLUSH_TIMEOUT_MS = 2000;

/** Makes a tracer that exports over OTLP, as and to where the standard variables say (default http://localhost:4318, or 4317 for gRPC). */
export async function openOtelTracer(options: TelemetryOptions): Promise<Tracer> {
  const onProblem = tellProblems(options.log);
  const exporter = await openSpanExporter(options);
  const processor = new BatchSpanProcessor({ exporter, scheduledDelayMillis: 500 });
  const provider = new TracerProvider({
    spanProcessors: [processor],
    sampler: samplerOf(options),
    resource: resourceFromAttributes(resourceAttributes(options)),
  });
  const tracer = provider.getTracer("mosaic");
  return {
    startSpan: (name, spanOptions = {}) =>
      wrap(tracer.startSpan(name, toOtelOptions(spanOptions), contextOf(spanOptions.parent))),
    async shutdown() {
      // A collector that is down must not keep a command from ending, or fail it.
      await Promise.race([
        provider.shutdown().catch(onProblem),
        new Promise((resolve) => setTimeout(resolve, FLUSH_TIMEOUT_MS).unref()),
      ]);
      // After a failure nobody has ended it, and its connection would keep the program alive.
      void exporter.shutdown().catch(onProblem);
    },
  };
}

/** The `traceparent` header of a span (W3C Trace Context, version 00). */
export function formatTraceparent(context: SpanContext): string {
  return `00-${context.traceId}-${context.spanId}-${context.traceFlags.toString(16).padStart(2, "0")}`;
}

/** Reads a `traceparent`; undefined for what is not one, as the standard asks: a bad header starts a new trace. */
export function parseTraceparent(text: string | undefined): SpanContext | undefined {
  const match = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(text ?? "");
  const [, traceId = "", spanId = "", flags = "00"] = match ?? [];
  if (!match || text?.startsWith("ff") || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
}

function contextOf(parent: string | undefined): Context {
  const remote = parseTraceparent(parent);
  return remote ? trace.setSpanContext(ROOT_CONTEXT, remote) : ROOT_CONTEXT;
}

function wrap(span: OtelSpan): Span {
  let isEnded = false;
  return {
    traceparent: formatTraceparent(span.spanContext()),
    setAttribute: (name, value) => void span.setAttribute(name, value),
    addEvent: (name, attributes) => void span.addEvent(name, attributes),
    addLink(traceparent) {
      const context = parseTraceparent(traceparent);
      if (context) span.addLink({ context });
    },
    end(thrown) {
      if (isEnded) return;
      isEnded = true;
      if (thrown !== undefined) markFailed(span, MosaicError.from(thrown));
      span.end();
    },
  };
}

// The message of an error may quote what a person typed; the code says enough for a trace.
function markFailed(span: OtelSpan, error: MosaicError): void {
  span.setAttribute("error.type", error.code);
  span.setStatus({ code: error.code === "CANCELLED" ? SpanStatusCode.UNSET : SpanStatusCode.ERROR, message: error.code });
}

function toOtelOptions(options: SpanOptions) {
  return { kind: KINDS[options.kind ?? "internal"], ...(options.attributes ? { attributes: { ...options.attributes } } : {}) };
}

const KINDS: Record<SpanKind, OtelSpanKind> = {
  internal: OtelSpanKind.INTERNAL,
  server: OtelSpanKind.SERVER,
  client: OtelSpanKind.CLIENT,
};
