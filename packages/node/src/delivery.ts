import { createHash } from "node:crypto";
import {
  type Clock,
  hasReached,
  isFinal,
  MosaicError,
  newReceipt,
  type PaneCapture,
  type Span,
  type TerminalServer,
  textToType,
} from "@mosaic/core";
import {
  type Agent,
  DeliveryState,
  Evidence,
  FailureReason,
  type HeartbeatRequest,
  type Receipt,
  type SendRequest,
} from "@mosaic/wire";
import { ReceiptBook } from "./receipt-book.ts";

export interface DeliveryDeps {
  readonly terminal: TerminalServer;
  readonly clock: Clock;
  /** Finds the draft that a person left in the composer of a runtime's screen; undefined: none seen, or can't tell. */
  readonly draftOn: (runtime: string, screen: readonly string[]) => string | undefined;
}

/** Which message it is and what to wait for, as Send and Reset say it. */
type Order = Pick<SendRequest, "messageId" | "waitFor" | "waitMs">;

/** What is typed for an order. */
interface Work {
  readonly text: string;
  /** Runs right before it is typed; when it fails nothing is, and the receipt says why. */
  readonly beforeTyping: () => Promise<void>;
}

/** Between paste and Enter, in ms: codex and claude take an Enter that follows a paste at once for part of the paste
 *  (measured: 200 to 300 ms is enough for all four real agents). */
const SETTLE_MS = 250;
/** A program of our own needs no guard against paste bursts. */
const SETTLE_STUB_MS = 20;
const DEFAULT_WAIT_MS = 10_000;
/** How long the next message waits for this one to be taken, in ms. */
const NEXT_MESSAGE_AFTER_MS = 2000;
/** How long a draft may take to go away, in ms: a program that has just taken a prompt may not have redrawn yet. */
const DRAFT_GRACE_MS = 500;
/** Messages that may wait for one agent. */
const MAX_PENDING_PER_AGENT = 100;
/** Turns remembered whose end was not reported yet; an interrupted turn may never be. */
const MAX_OPEN_TURNS = 10_000;
/** An injection that has begun is finished whatever its caller does; tmux calls have deadlines of their own. */
const uninterrupted = new AbortController().signal;

/** Types messages into agents' terminals, one at a time per agent, and keeps their receipts.
 *
 *  The states of a message and what moves it on: (new) → TYPED when the paste was made → ENTERED when Enter was sent →
 *  ACCEPTED when the agent reports that very text → ANSWERED when it reports the end of that turn. FAILED(reason) from any
 *  before ENTERED; UNCONFIRMED when nobody reported in the time given. */
export class Delivery {
  readonly #deps: DeliveryDeps;
  readonly #book = new ReceiptBook();
  /** The end of the line of each agent's messages. */
  readonly #lines = new Map<string, Promise<unknown>>();
  readonly #pending = new Map<string, number>();
  /** Messages whose acceptance would be news, oldest first, by agent. */
  readonly #unaccepted = new Map<string, Receipt[]>();
  /** Messages that a turn answers, by `turnKey`. */
  readonly #turns = new Map<string, string[]>();

  constructor(deps: DeliveryDeps) {
    this.#deps = deps;
  }

  /** Delivers a message and waits for the state it asks for.
   *  @param agent the row of the agent, already resolved
   *  @param signal ends the waiting; what was typed stays typed, and the receipt goes on
   *  @throws MosaicError MESSAGE_ID_REUSED, USAGE for text that can't be typed, BUSY when too many wait. */
  send(request: SendRequest, agent: Agent, span: Span, signal: AbortSignal): Promise<Receipt> {
    const text = textToType(request.text, agent.runtime, request.sourceLabel);
    return this.#deliver(request, { text, beforeTyping: async () => {} }, agent, span, signal);
  }

  /** Delivers a runtime's own command as it is, in line with the messages and with the same guards.
   *  @throws MosaicError MESSAGE_ID_REUSED, BUSY when too many wait. */
  command(request: Order, work: Work, agent: Agent, span: Span, signal: AbortSignal): Promise<Receipt> {
    return this.#deliver(request, work, agent, span, signal);
  }

  async #deliver(request: Order, work: Work, agent: Agent, span: Span, signal: AbortSignal): Promise<Receipt> {
    const textSha256 = createHash("sha256").update(work.text).digest("hex");
    const earlier = this.#book.earlier(request.messageId, agent.name, textSha256);
    if (!earlier) {
      this.#takePlace(agent.name);
      this.#book.open(newReceipt(request.messageId, agent, textSha256));
      const before = this.#lines.get(agent.name) ?? Promise.resolve();
      const injected = before.then(() => this.#inject(request.messageId, work, agent, span));
      this.#lines.set(
        agent.name,
        injected.then(() => this.#settle(request.messageId, agent.name)),
      );
      await injected;
    }
    await this.#wait(request, signal);
    const receipt = this.#book.get(request.messageId) ?? earlier;
    if (!receipt) throw new MosaicError("INTERNAL", `the receipt of message ${request.messageId} was lost`);
    return { ...receipt, duplicate: earlier !== undefined };
  }

  /** Takes what an agent reports of itself as evidence for the messages it was sent. */
  noteReport(report: HeartbeatRequest): void {
    const name = report.agent?.name ?? "";
    const waiting = this.#unaccepted.get(name) ?? [];
    for (const prompt of report.accepted) {
      const index = waiting.findIndex((receipt) => receipt.textSha256 === prompt.textSha256 && !this.#isOver(receipt.messageId));
      const [receipt] = index < 0 ? [] : waiting.splice(index, 1);
      if (receipt) this.#noteAcceptance(receipt.messageId, name, prompt.turnId);
    }
    for (const turnId of report.endedTurnIds) this.#noteEnd(name, turnId);
    if (waiting.length === 0) this.#unaccepted.delete(name);
  }

  #noteAcceptance(messageId: string, agentName: string, turnId: string): void {
    this.#step(messageId, DeliveryState.ACCEPTED, { evidence: Evidence.HOOK, turnId });
    // Without the turn's id nothing can tell which end is its own.
    if (turnId === "") return;
    const turn = turnKey(agentName, turnId);
    this.#turns.set(turn, [...(this.#turns.get(turn) ?? []), messageId]);
    const [oldest] = this.#turns.keys();
    if (this.#turns.size > MAX_OPEN_TURNS && oldest !== undefined) this.#turns.delete(oldest);
  }

  #noteEnd(agentName: string, turnId: string): void {
    const turn = turnKey(agentName, turnId);
    for (const messageId of this.#turns.get(turn) ?? [])
      this.#step(messageId, DeliveryState.ANSWERED, { evidence: Evidence.HOOK, turnId });
    this.#turns.delete(turn);
  }

  // Failed after it was listed: the word that comes now is for another message of the same text.
  #isOver(messageId: string): boolean {
    const receipt = this.#book.get(messageId);
    return receipt === undefined || isFinal(receipt.state);
  }

  async #inject(messageId: string, work: Work, agent: Agent, span: Span): Promise<void> {
    try {
      const paneId = await this.#readyPane(messageId, agent);
      if (paneId === undefined) return;
      await work.beforeTyping();
      await this.#deps.terminal.paste(paneId, work.text, uninterrupted);
      this.#step(messageId, DeliveryState.TYPED, {});
      span.addEvent("typed");
      await this.#deps.clock.sleep(agent.runtime === "stub" ? SETTLE_STUB_MS : SETTLE_MS, uninterrupted);
      // Listed before Enter: a quick agent reports before the key press returns.
      this.#expectAcceptance(messageId, agent.name);
      await this.#deps.terminal.pressKey(paneId, "Enter", uninterrupted);
      this.#step(messageId, DeliveryState.ENTERED, {});
      span.addEvent("entered");
    } catch (thrown) {
      const error = MosaicError.from(thrown);
      const reason = error.code === "AGENT_NOT_RUNNING" ? FailureReason.AGENT_EXITED : FailureReason.TERMINAL_ERROR;
      this.#fail(messageId, reason, error.message);
    }
  }

  // The next message waits until this one was taken: two in one composer are lost, joined or doubled (measured with the
  // real agents). An agent that does not report makes it wait for the whole time, once per message.
  async #settle(messageId: string, agentName: string): Promise<void> {
    if (this.#book.get(messageId)?.state === DeliveryState.ENTERED) {
      const deadline = new AbortController();
      void this.#deps.clock.sleep(NEXT_MESSAGE_AFTER_MS, deadline.signal).then(() => deadline.abort());
      await this.#book.reached(messageId, DeliveryState.ACCEPTED, deadline.signal);
      deadline.abort();
    }
    this.#leavePlace(agentName);
  }

  // Fails closed: nothing is typed into a pane that is dead, shows nothing, or holds a person's draft.
  async #readyPane(messageId: string, agent: Agent): Promise<string | undefined> {
    const { pane } = agent;
    if (!pane?.alive)
      return this.#fail(messageId, FailureReason.AGENT_EXITED, `agent "${agent.name}" on ${agent.host} is not running`);
    const { screen, draft } = await this.#lookForDraft(pane.paneId, agent.runtime);
    if (screen.lines.every((line) => line.trim() === "")) {
      return this.#fail(messageId, FailureReason.NOT_READY, `the screen of "${agent.name}" is blank, so nothing was typed`);
    }
    if (draft !== undefined) {
      return this.#fail(
        messageId,
        FailureReason.DRAFT,
        `a draft of ${draft.length} characters is in the composer of "${agent.name}" and was left alone`,
      );
    }
    return pane.paneId;
  }

  async #lookForDraft(paneId: string, runtime: string): Promise<{ screen: PaneCapture; draft: string | undefined }> {
    const { clock, terminal, draftOn } = this.#deps;
    const endsAtMs = clock.monotonicMs() + DRAFT_GRACE_MS;
    for (;;) {
      const screen = await terminal.capture(paneId, {}, uninterrupted);
      const draft = draftOn(runtime, screen.lines);
      if (draft === undefined || clock.monotonicMs() >= endsAtMs) return { screen, draft };
      await clock.sleep(50, uninterrupted);
    }
  }

  async #wait(request: Order, signal: AbortSignal): Promise<void> {
    const wanted = request.waitFor === DeliveryState.UNSPECIFIED ? DeliveryState.ENTERED : request.waitFor;
    const deadline = new AbortController();
    const stop = () => deadline.abort();
    signal.addEventListener("abort", stop, { once: true });
    const timer = this.#deps.clock.sleep(request.waitMs || DEFAULT_WAIT_MS, deadline.signal).then(stop);
    await this.#book.reached(request.messageId, wanted, deadline.signal);
    const isOverdue = deadline.signal.aborted && !signal.aborted;
    signal.removeEventListener("abort", stop);
    stop();
    await timer;
    // One that still waits its turn was not submitted, so that there is nothing to confirm.
    const isSubmitted = hasReached(this.#book.get(request.messageId)?.state ?? DeliveryState.UNSPECIFIED, DeliveryState.ENTERED);
    if (isOverdue && isSubmitted)
      this.#step(request.messageId, DeliveryState.UNCONFIRMED, {
        detail: "the agent did not report the message in the time given",
      });
  }

  #expectAcceptance(messageId: string, agentName: string): void {
    const receipt = this.#book.get(messageId);
    if (!receipt || isFinal(receipt.state)) return;
    const waiting = this.#unaccepted.get(agentName) ?? [];
    this.#unaccepted.set(agentName, [...waiting, receipt].slice(-MAX_PENDING_PER_AGENT));
  }

  #step(
    messageId: string,
    state: DeliveryState,
    facts: { detail?: string; evidence?: Evidence; reason?: FailureReason; turnId?: string },
  ): void {
    this.#book.step(messageId, state, { atUnixMs: this.#deps.clock.nowUnixMs(), ...facts });
  }

  #fail(messageId: string, reason: FailureReason, detail: string): undefined {
    this.#step(messageId, DeliveryState.FAILED, { reason, detail });
  }

  #takePlace(agentName: string): void {
    const pending = this.#pending.get(agentName) ?? 0;
    if (pending >= MAX_PENDING_PER_AGENT) {
      throw new MosaicError("BUSY", `${pending} messages already wait for agent "${agentName}"`, {
        hint: "see what it does: mosaic agent tail",
      });
    }
    this.#pending.set(agentName, pending + 1);
  }

  #leavePlace(agentName: string): void {
    const pending = (this.#pending.get(agentName) ?? 1) - 1;
    if (pending > 0) this.#pending.set(agentName, pending);
    else {
      this.#pending.delete(agentName);
      this.#lines.delete(agentName);
    }
  }
}

// Runtimes number their turns as they like; two agents may well have the same.
function turnKey(agentName: string, turnId: string): string {
  return JSON.stringify([agentName, turnId]);
}
