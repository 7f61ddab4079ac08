import type { Span, SpanOptions, Tracer } from "@mosaic/core";

/** One span as it was started, and how it ended. */
export interface RecordedSpan {
  readonly name: string;
  readonly kind: string;
  /** `traceparent` of the parent; undefined: a trace of its own. */
  readonly parent: string | undefined;
  readonly traceparent: string;
  readonly attributes: Record<string, string | number | boolean>;
  readonly events: string[];
  /** `traceparent`s of work in other traces. */
  readonly links: string[];
  isEnded: boolean;
  error: unknown;
}

/** A tracer that remembers its spans and makes valid `traceparent`s, so that a test can follow a trace from hop to hop. */
export class RecordingTracer implements Tracer {
  readonly spans: RecordedSpan[] = [];
  #count = 0;

  startSpan(name: string, options: SpanOptions = {}): Span {
    this.#count += 1;
    const number = this.#count.toString(16).padStart(16, "0");
    const traceId = options.parent?.split("-")[1] ?? number.padStart(32, "f");
    const span: RecordedSpan = {
      name,
      kind: options.kind ?? "internal",
      parent: options.parent,
      traceparent: `00-${traceId}-${number}-01`,
      attributes: { ...options.attributes },
      events: [],
      links: [],
      isEnded: false,
      error: undefined,
    };
    this.spans.push(span);
    return {
      traceparent: span.traceparent,
      setAttribute: (key, value) => {
        span.attributes[key] = value;
      },
      addEvent: (event) => void span.events.push(event),
      addLink: (traceparent) => void span.links.push(traceparent),
      end: (error) => {
        if (span.isEnded) return;
        span.isEnded = true;
        span.error = error;
      },
    };
  }

  async shutdown(): Promise<void> {}

  /** The spans of one trace, by its 32 hex digits. */
  ofTrace(traceId: string): RecordedSpan[] {
    return this.spans.filter((span) => span.traceparent.split("-")[1] === traceId);
  }
}
