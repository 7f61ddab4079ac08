import {
  type AuditLog,
  type Clock,
  isFinal,
  type Log,
  MosaicError,
  type PaneFacts,
  type Span,
  type StoredMessage,
  type TerminalServer,
  type Tracer,
  textToType,
  withStep,
} from "@mosaic/core";
import { type Agent, DeliveryState, FailureReason } from "@mosaic/wire";
import { NO_LABEL } from "../attach.ts";
import type { Inbox } from "./inbox.ts";
import { type MannersOf, submitProfile } from "./manners.ts";
import { sha256, typedText } from "./message-hashes.ts";
import { type Failure, lastStep, step } from "./message-steps.ts";
import { surely } from "./surely.ts";

export interface InjectorDeps {
  readonly inbox: Inbox;
  readonly terminal: TerminalServer;
  readonly clock: Clock;
  readonly mannersOf: MannersOf;
  readonly audit: AuditLog;
  readonly tracer: Tracer;
  readonly log: Log;
}

/** A composer that is free. */
export interface FreeComposer {
  readonly row: Agent;
  readonly pane: Pick<PaneFacts, "paneId" | "pid">;
}

/** How long a pasted text may take to show in the composer, in ms. */
const SHOWN_MS = 2000;
const LOOK_AGAIN_MS = 30;

/** An injection that has begun is finished whatever its caller does; tmux calls have deadlines of their own. */
const uninterrupted = new AbortController().signal;

/** Puts one message before an agent: writes down that it begins, pastes, waits, looks whether the same process is still there,
 *  presses Enter. What happens in between, a crash above all, is never typed twice: see {@link Recovery}. */
export class Injector {
  readonly #deps: InjectorDeps;

  constructor(deps: InjectorDeps) {
    this.#deps = deps;
  }

  /** Types a message. Resolves when it is known what became of it, which its receipt says.
   *  @param stop ends only the trying to write it down
   *  @throws MosaicError when its beginning can't be written down (STORE_UNAVAILABLE) or the terminal fails before that: then
   *    nothing was typed */
  async inject(message: StoredMessage, composer: FreeComposer, stop: AbortSignal): Promise<void> {
    const text = message.command ?? textToType(message.text, composer.row.runtime, message.receipt.sourceLabel);
    const { inHand } = this.#deps.inbox;
    inHand.add(message.messageId);
    try {
      await this.#attempt(message, stop, async (span) => {
        const pastedAtUnixMs = await this.#paste(text, composer, async () => {
          await this.#begin(message.messageId, text, composer);
          await this.#assertRecorded(message);
        });
        span.addEvent("typed");
        await this.#submit(message.messageId, pastedAtUnixMs, composer.pane, stop);
      });
    } finally {
      inHand.delete(message.messageId);
    }
  }

  /** Submits a message whose text stands in the composer from an earlier attempt, as one more.
   *  @throws MosaicError STORE_UNAVAILABLE when its beginning can't be written down: then nothing was pressed */
  async submitStanding(message: StoredMessage, composer: FreeComposer, stop: AbortSignal): Promise<void> {
    await this.#attempt(message, stop, async () => {
      await this.#begin(message.messageId, typedText(message), composer);
      await this.#submit(message.messageId, this.#deps.clock.nowUnixMs(), composer.pane, stop);
    });
  }

  /** Submits a message that an earlier life of this daemon pasted: its text stands in the composer, and Enter was not pressed. */
  async submitPasted(message: StoredMessage, stop: AbortSignal): Promise<void> {
    const { paneId = "", startedAtUnixMs = 0 } = message.injecting ?? {};
    await this.#attempt(message, stop, () => this.#submit(message.messageId, startedAtUnixMs, { paneId }, stop));
  }

  async #attempt(message: StoredMessage, stop: AbortSignal, work: (span: Span) => Promise<void>): Promise<void> {
    const { messageId, traceparent, receipt } = message;
    const attributes = { "mosaic.message": messageId, "mosaic.agent": receipt.agent?.name ?? "" };
    const span = this.#deps.tracer.startSpan("agent.inject", { parent: traceparent || undefined, attributes });
    try {
      await work(span);
      span.addEvent("entered");
      span.end();
    } catch (thrown) {
      span.end(thrown);
      if (thrown instanceof GivenUp) return;
      // It had not begun: nothing was typed, and it is worth another try.
      if (!this.#deps.inbox.get(messageId)?.injecting) throw thrown;
      await this.#fail(messageId, failureOf(thrown), stop);
    }
  }

  // Written down as late as can be: what a crash finds before was not typed, and is simply typed again.
  async #begin(messageId: string, text: string, { pane }: FreeComposer): Promise<void> {
    const startedAtUnixMs = this.#deps.clock.nowUnixMs();
    let hasBegun = false;
    await this.#deps.inbox.change(messageId, ({ receipt, injecting }) => {
      if (isFinal(receipt.state) || injecting) return undefined;
      hasBegun = true;
      const begun = { attempt: receipt.attempt, paneId: pane.paneId, panePid: pane.pid, startedAtUnixMs, isSubmitted: false };
      // The runtime may be another one than when it was sent.
      return { receipt: { ...receipt, held: "", textSha256: sha256(text) }, injecting: begun };
    });
    // Somebody has cancelled it, or it expired, while the composer was looked at.
    if (!hasBegun) throw new GivenUp();
  }

  // A runtime's own command is a deed of its own: without a record there is none.
  async #assertRecorded({ messageId, command, receipt }: StoredMessage): Promise<void> {
    if (command === undefined) return;
    await this.#deps.audit.record({
      action: "agent.reset",
      actor: receipt.sourceLabel || NO_LABEL,
      ...{ tenantId: receipt.agent?.tenantId ?? "", host: receipt.agent?.host ?? "", agent: receipt.agent?.name ?? "" },
      facts: { message_id: messageId, command },
    });
  }

  async #paste(text: string, { row, pane }: FreeComposer, onReady: () => Promise<void>): Promise<number> {
    const { terminal, clock, mannersOf } = this.#deps;
    await terminal.paste(pane.paneId, text, uninterrupted, onReady);
    const pastedAtUnixMs = clock.nowUnixMs();
    const { settleMs, awaitsDraft } = submitProfile(row.runtime, mannersOf(row.runtime));
    if (awaitsDraft) await this.#shows(pane.paneId, row.runtime);
    await clock.sleep(settleMs, uninterrupted);
    const panes = await terminal.listPanes(uninterrupted);
    const isSame = panes.some(({ paneId, pid, isDead }) => paneId === pane.paneId && pid === pane.pid && !isDead);
    if (isSame) return pastedAtUnixMs;
    const detail = `the process of "${row.name}" ended between paste and Enter, and Enter was not pressed`;
    throw new MosaicError("AGENT_NOT_RUNNING", detail);
  }

  // A program that is slow to read would take paste and Enter for one, and lose the Enter (measured: opencode and claude). One
  // whose composer can't be read, or that shows nothing, gets its Enter all the same: evidence decides.
  async #shows(paneId: string, runtime: string): Promise<void> {
    const { terminal, clock, mannersOf } = this.#deps;
    const draftOn = mannersOf(runtime)?.draftOn;
    const endsAtMs = clock.monotonicMs() + SHOWN_MS;
    while (draftOn && clock.monotonicMs() < endsAtMs) {
      const { lines } = await terminal.capture(paneId, {}, uninterrupted);
      if (draftOn(lines) !== undefined) return;
      await clock.sleep(LOOK_AGAIN_MS, uninterrupted);
    }
  }

  // Evidence waits meanwhile: a quick agent reports before the key press returns, and the steps should tell it in order.
  async #submit(messageId: string, pastedAtUnixMs: number, pane: { paneId: string }, stop: AbortSignal): Promise<void> {
    const { inbox, terminal, clock } = this.#deps;
    const typed = { atUnixMs: pastedAtUnixMs };
    let facts = { atUnixMs: 0, detail: "" };
    const wasWritten = await inbox.exclusively(messageId, async (changeNow) => {
      inbox.inHand.delete(messageId);
      const submitting = (message: StoredMessage) => {
        const change = step(DeliveryState.TYPED, typed)(message);
        return change?.injecting && { ...change, injecting: { ...change.injecting, isSubmitted: true } };
      };
      // When it can't be written down, the beginning is: nobody will type it again.
      await changeNow(submitting).catch(() => {});
      const failure = await pressEnter(terminal, pane.paneId);
      facts = { atUnixMs: clock.nowUnixMs(), detail: failure ?? "" };
      return await changeNow(entered(typed, facts)).then(
        () => true,
        () => false,
      );
    });
    if (!wasWritten) await surely(this.#deps, () => inbox.change(messageId, entered(typed, facts)), stop);
  }

  async #fail(messageId: string, { reason, detail }: Failure, stop: AbortSignal): Promise<void> {
    const { inbox, clock } = this.#deps;
    const facts = { atUnixMs: clock.nowUnixMs(), reason, detail };
    await surely(this.#deps, () => inbox.change(messageId, lastStep(DeliveryState.FAILED, facts)), stop);
  }
}

/** The message is to be typed no more. */
class GivenUp extends Error {}

/** @returns what went wrong, where it is not known whether the key was pressed; undefined: it was
 *  @throws MosaicError AGENT_NOT_RUNNING */
async function pressEnter(terminal: TerminalServer, paneId: string): Promise<string | undefined> {
  try {
    await terminal.pressKey(paneId, "Enter", uninterrupted);
    return undefined;
  } catch (thrown) {
    const error = MosaicError.from(thrown);
    if (error.code === "AGENT_NOT_RUNNING") throw error;
    return `whether Enter was pressed is not known: ${error.message}`;
  }
}

// A key that may have been pressed is no key that was.
function entered(typed: { atUnixMs: number }, facts: { atUnixMs: number; detail: string }) {
  const state = facts.detail === "" ? DeliveryState.ENTERED : DeliveryState.UNCONFIRMED;
  return ({ receipt }: StoredMessage) => ({ receipt: withStep(withStep(receipt, DeliveryState.TYPED, typed), state, facts) });
}

function failureOf(thrown: unknown): Failure {
  const error = MosaicError.from(thrown);
  const reason = error.code === "AGENT_NOT_RUNNING" ? FailureReason.AGENT_EXITED : FailureReason.TERMINAL_ERROR;
  return { reason, detail: error.message };
}
