/** One piece of work in a trace. `traceparent` is what the next hop is told (W3C Trace Context). */
export interface Span {
  readonly traceparent: string | undefined;
  setAttribute(name: string, value: string | number | boolean): void;
  /** Marks a moment within the span. */
  addEvent(name: string, attributes?: SpanAttributes): void;
  /** Points at work in another trace that belongs to this, by its `traceparent`; what is none is left out. */
  addLink(traceparent: string): void;
  /** Ends the span; with an error, as failed. Later calls do nothing. */
  end(error?: unknown): void;
}

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;
export type SpanKind = "internal" | "server" | "client";

export interface SpanOptions {
  readonly kind?: SpanKind;
  /** `traceparent` of the work that this belongs to. Absent: a trace of its own. */
  readonly parent?: string | undefined;
  readonly attributes?: SpanAttributes;
}

/** Makes spans. With telemetry off the spans record nothing and pass their parent's `traceparent` on. */
export interface Tracer {
  startSpan(name: string, options?: SpanOptions): Span;
  /** Sends what is still held; resolves also when the collector can't be reached. */
  shutdown(): Promise<void>;
}

/** Records nothing, and passes the trace on: a mesh with one silent hop is still one trace. */
export const passThroughTracer: Tracer = {
  startSpan: (_name, options) => ({ traceparent: options?.parent, setAttribute() {}, addEvent() {}, addLink() {}, end() {} }),
  async shutdown() {},
};
