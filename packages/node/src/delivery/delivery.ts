import type { AuditLog, TerminalServer } from "@mosaic/core";
import { type Clock, type Log, type MessageStore, MosaicError, type Span, type TerminalClients, type Tracer } from "@mosaic/core";
import type { PassedText, PassText } from "@mosaic/core/guardrails";
import { type Agent, DeliveryState, type Receipt, type ResetRequest, type SendRequest } from "@mosaic/wire";
import { NO_LABEL } from "../attach.ts";
import type { AttachRoll } from "../attach-roll.ts";
import { AgentLines } from "./agent-lines.ts";
import { type AgentSaid, ComposerLease } from "./composer-lease.ts";
import { Confirmation } from "./confirmation.ts";
import { CONFIRM_MS, Deadlines } from "./deadlines.ts";
import { Evidence, type EvidenceReport } from "./evidence.ts";
import { Inbox } from "./inbox.ts";
import { Injector } from "./injector.ts";
import { LeftoverText } from "./leftover-text.ts";
import type { MannersOf } from "./manners.ts";
import { type NewMessage, newCommand, newMessage } from "./new-message.ts";
import { Recovery } from "./recovery.ts";
import { SecondEnter } from "./second-enter.ts";
import { StandingText } from "./standing-text.ts";
import { TurnSpans } from "./turn-spans.ts";
import { TypingWatch } from "./typing-watch.ts";
import { untilReached } from "./until-reached.ts";

export interface DeliveryDeps {
  readonly store: MessageStore;
  readonly terminal: TerminalServer;
  /** Who is attached past Mosaic. Absent: can't be told. */
  readonly clients?: TerminalClients | undefined;
  readonly roll: AttachRoll;
  readonly clock: Clock;
  readonly audit: AuditLog;
  /** What texts pass before they are stored. Absent: nothing. */
  readonly passText?: PassText | undefined;
  readonly tracer: Tracer;
  readonly log: Log;
  readonly mannersOf: MannersOf;
  /** The agent's row as it is now; undefined: there is none. */
  readonly rowOf: (agentName: string) => Agent | undefined;
  readonly saidOf: (agentName: string) => AgentSaid | undefined;
  /** True while the agent is expected to say that it started, and has not. Absent: none is. */
  readonly isStarting?: (agentName: string) => boolean;
  /** Resolves when rows show a reading of every plane that began after this call. */
  readonly refresh: () => Promise<void>;
}

const DEFAULT_WAIT_MS = 10_000;
/** How long the next message waits for one to be taken by a runtime that can't be heard for sure, in ms. */
const NEXT_AFTER_MS = 2000;

/** Delivers messages: makes them durable, types them when the composer is free, and believes only what the agent itself reports.
 *
 *  The states of a message and what moves it on: (new) → QUEUED, DELIVERED when it is on disk → TYPED when the paste was made →
 *  ENTERED when Enter was sent → ACCEPTED when the agent reports that very text → ANSWERED when it reports the end of that turn.
 *  UNCONFIRMED when nobody reported in time; FAILED(reason) from any; EXPIRED from any before ACCEPTED. While something stands in
 *  the way of typing it stays DELIVERED and its receipt says what holds it. */
export class Delivery implements AsyncDisposable {
  readonly inbox: Inbox;
  readonly #deps: DeliveryDeps;
  readonly #evidence: Evidence;
  readonly #confirmation: Confirmation;
  readonly #secondEnter: SecondEnter;
  readonly #lines: AgentLines;
  readonly #started = new AsyncDisposableStack();
  #turnSpans: TurnSpans | undefined;

  constructor(deps: DeliveryDeps) {
    this.#deps = deps;
    this.inbox = new Inbox(deps.store);
    this.#evidence = new Evidence(this.inbox);
    const shared = { ...deps, inbox: this.inbox, standing: new StandingText(deps) };
    this.#confirmation = new Confirmation(shared);
    const injector = new Injector(shared);
    const typing = new TypingWatch(deps);
    this.#secondEnter = new SecondEnter({ ...shared, typing, lastTo: (agentName) => injector.lastTo(agentName) });
    this.#lines = new AgentLines({
      ...{ ...shared, injector },
      lease: new ComposerLease({ ...deps, typing }),
      leftover: new LeftoverText({ ...shared, typing }),
      recovery: new Recovery({ ...shared, injector }),
      isRunning: (agentName) => deps.rowOf(agentName)?.pane?.alive ?? false,
      nextAfterMs: (agentName) => (this.#isHeard(agentName) ? CONFIRM_MS : NEXT_AFTER_MS),
    });
  }

  /** Takes up what a restart finds: messages that wait, that were being typed, that were entered. Call it when all was heard
   *  that agents left meanwhile. */
  start(): void {
    const { inbox } = this;
    const { tracer } = this.#deps;
    this.#started.use(inbox);
    this.#turnSpans = this.#started.use(new TurnSpans(inbox, tracer));
    const onExpired = (message: { receipt: Receipt }) => this.wake(message.receipt.agent?.name ?? "");
    const ends = { confirmation: this.#confirmation, secondEnter: this.#secondEnter, onExpired };
    this.#started.use(new Deadlines({ ...this.#deps, ...ends, inbox }));
    this.#started.use(this.#lines);
    for (const agentName of inbox.open.waitingAgents()) this.wake(agentName);
    // A store that could be opened only now brings messages from before.
    this.#started.use(inbox.store.onChange(({ receipt }) => this.#lines.wakeIdle(receipt.agent?.name ?? "")));
  }

  /** What is being typed is finished first; what waits is taken up by the next start. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#started.disposeAsync();
  }

  /** Delivers a message and waits for the state it asks for, or for the time it gives.
   *  @param agent the row of the agent, already resolved
   *  @param signal ends the waiting; the message goes on
   *  @throws MosaicError MESSAGE_ID_REUSED, USAGE for text that can't be typed, NOT_ALLOWED for text that guardrails stop, BUSY,
   *    STORE_UNAVAILABLE */
  send(request: SendRequest, agent: Agent, span: Span, signal: AbortSignal): Promise<Receipt> {
    const { passText, clock } = this.#deps;
    const store = ({ text, guard }: PassedText) => {
      const message = newMessage({ ...request, text }, agent, span.traceparent ?? "", clock.nowUnixMs(), guard);
      return this.#deliver(message, request, signal);
    };
    const { messageId, text } = request;
    if (!passText) return store({ text, guard: undefined });
    return passText({ messageId, agent, actor: request.sourceLabel || NO_LABEL, text }).then(store);
  }

  /** Delivers a runtime's own command as it is, in line with the messages and with the same guards.
   *  @throws MosaicError MESSAGE_ID_REUSED, BUSY, STORE_UNAVAILABLE */
  reset(request: ResetRequest, command: string, agent: Agent, span: Span, signal: AbortSignal): Promise<Receipt> {
    const message = newCommand(request, command, agent, span.traceparent ?? "", this.#deps.clock.nowUnixMs());
    return this.#deliver(message, request, signal);
  }

  /** Takes what an agent said of prompts and turns; resolves when what it means is durable.
   *  @throws MosaicError STORE_UNAVAILABLE: then it must be told again */
  async noteEvidence(agentName: string, report: EvidenceReport): Promise<void> {
    await this.#evidence.take(agentName, report);
    for (const { turnId } of report.accepted) this.#turnSpans?.join(agentName, turnId, report);
    this.wake(agentName);
  }

  /** Says that something may go on for an agent's messages. */
  wake(agentName: string): void {
    this.#lines.wake(agentName);
  }

  async #deliver(message: NewMessage, order: Pick<SendRequest, "waitFor" | "waitMs">, signal: AbortSignal): Promise<Receipt> {
    const { messageId } = message;
    const taken = await this.inbox.take(message);
    this.wake(message.receipt.agent?.name ?? "");
    const state = order.waitFor === DeliveryState.UNSPECIFIED ? DeliveryState.ENTERED : order.waitFor;
    const wanted = { state, withinMs: order.waitMs || DEFAULT_WAIT_MS };
    const isLate = await untilReached({ inbox: this.inbox, clock: this.#deps.clock }, messageId, wanted, signal);
    if (isLate) await this.#confirmation.giveUp(messageId, signal).catch((thrown: unknown) => this.#warn(thrown));
    const { receipt } = this.inbox.get(messageId) ?? taken.message;
    return { ...receipt, duplicate: !taken.isNew };
  }

  // Who waited is told how far it came, whether that can be written down or not.
  #warn(thrown: unknown): void {
    this.#deps.log.warn({ error: MosaicError.from(thrown).message }, "a message's step can't be written down");
  }

  #isHeard(agentName: string): boolean {
    const row = this.#deps.rowOf(agentName);
    return row !== undefined && this.#deps.mannersOf(row.runtime)?.hear !== undefined;
  }
}
