import { type AgentReport, hasReached, isFinal, type Span, type StoredMessage, type Tracer } from "@mosaic/core";
import { DeliveryState, FailureReason } from "@mosaic/wire";
import { enumName } from "./enum-names.ts";
import type { Inbox } from "./inbox.ts";

/** Spans open at most; a turn whose end nobody reports would keep its own for ever. */
const MAX_OPEN = 10_000;

/** One span for each turn that a message starts, under the trace of its sender: from Enter to the end that the agent reports. A
 *  restart goes on with a new span in the same trace. */
export class TurnSpans implements Disposable {
  readonly #inbox: Inbox;
  readonly #tracer: Tracer;
  readonly #spans = new Map<string, Span>();
  /** The span that each agent's runtime told last. */
  readonly #lastTold = new Map<string, string>();
  readonly #following: Disposable;

  constructor(inbox: Inbox, tracer: Tracer) {
    this.#inbox = inbox;
    this.#tracer = tracer;
    for (const message of inbox.open.all()) this.#note(message, true);
    this.#following = inbox.store.onChange((message) => this.#note(message, false));
  }

  [Symbol.dispose](): void {
    this.#following[Symbol.dispose]();
    for (const messageId of this.#spans.keys()) this.#close(messageId, "unfinished");
  }

  /** Joins a turn with what its runtime's own telemetry has of it: the conversation, and the span that it works in. */
  join(agentName: string, turnId: string, { sessionId, traceparent }: Pick<AgentReport, "sessionId" | "traceparent">): void {
    // One that was told before is that of whoever started the runtime, and no turn's own.
    const isNews = traceparent !== undefined && traceparent !== this.#lastTold.get(agentName);
    if (isNews) this.#lastTold.set(agentName, traceparent);
    if (turnId === "") return;
    for (const [messageId, span] of this.#spans) {
      const { receipt } = this.#inbox.get(messageId) ?? {};
      if (receipt?.turnId !== turnId || receipt.agent?.name !== agentName) continue;
      if (sessionId) span.setAttribute("gen_ai.conversation.id", sessionId);
      if (isNews) span.addLink(traceparent);
    }
  }

  #note(message: StoredMessage, isResumed: boolean): void {
    const { messageId, receipt } = message;
    const { state } = receipt;
    if (!isFinal(state) && !hasReached(state, DeliveryState.ENTERED)) return;
    const span = this.#spans.get(messageId) ?? (isFinal(state) ? undefined : this.#open(message, isResumed));
    if (receipt.turnId !== "") span?.setAttribute("mosaic.turn", receipt.turnId);
    span?.addEvent(enumName(DeliveryState, state));
    if (!isFinal(state)) return;
    const failure =
      state === DeliveryState.ANSWERED ? undefined : new Error(`${enumName(FailureReason, receipt.reason)}: ${receipt.detail}`);
    this.#close(messageId, enumName(DeliveryState, state), failure);
  }

  #open({ messageId, traceparent, receipt }: StoredMessage, isResumed: boolean): Span {
    const { tenantId = "", host = "", name = "" } = receipt.agent ?? {};
    const attributes = {
      "mosaic.message": messageId,
      "mosaic.agent": `${tenantId}/${host}/${name}`,
      "mosaic.resumed": isResumed,
    };
    const span = this.#tracer.startSpan("agent.turn", { parent: traceparent || undefined, attributes });
    this.#spans.set(messageId, span);
    const [oldest] = this.#spans.keys();
    if (this.#spans.size > MAX_OPEN && oldest !== undefined) this.#close(oldest, "unfinished");
    return span;
  }

  #close(messageId: string, end: string, failure?: Error): void {
    const span = this.#spans.get(messageId);
    this.#spans.delete(messageId);
    span?.setAttribute("mosaic.end", end);
    span?.end(failure);
  }
}
