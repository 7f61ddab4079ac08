import {
  type AuditLog,
  type Clock,
  isFinal,
  type Log,
  MosaicError,
  type Span,
  type StoredMessage,
  type TerminalServer,
  type Tracer,
  textToType,
} from "@mosaic/core";
import { DeliveryState, FailureReason } from "@mosaic/wire";
import { NO_LABEL } from "../attach.ts";
import type { AgentSaid, Draft, FreeComposer } from "./composer-lease.ts";
import type { Inbox } from "./inbox.ts";
import type { Submitted } from "./leftover-text.ts";
import { type MannersOf, submitProfile } from "./manners.ts";
import { sha256, typedText } from "./message-hashes.ts";
import { type Failure, lastStep } from "./message-steps.ts";
import { PastedText } from "./pasted-text.ts";
import { Submission, type Typed } from "./submission.ts";
import { surely } from "./surely.ts";

export interface InjectorDeps {
  readonly inbox: Inbox;
  readonly terminal: TerminalServer;
  readonly clock: Clock;
  readonly mannersOf: MannersOf;
  readonly saidOf: (agentName: string) => AgentSaid | undefined;
  readonly audit: AuditLog;
  readonly tracer: Tracer;
  readonly log: Log;
}

/** An injection that has begun is finished whatever its caller does; tmux calls have deadlines of their own. */
const uninterrupted = new AbortController().signal;

/** Puts one message before an agent: writes down that it begins, pastes, waits, looks whether the same process and the text are
 *  still there, presses Enter. What happens in between, a crash above all, is never typed twice: see {@link Recovery}; a text that
 *  was seen to vanish before its Enter is: see {@link VanishedText}. */
export class Injector {
  readonly #deps: InjectorDeps;
  readonly #pasted: PastedText;
  readonly #submission: Submission;

  constructor(deps: InjectorDeps) {
    this.#deps = deps;
    this.#pasted = new PastedText(deps);
    this.#submission = new Submission({ ...deps, pasted: this.#pasted });
  }

  /** As what the text of a message stood in its composer when it vanished, where it did; a long one as its size. */
  stoodAs(messageId: string): string | undefined {
    return this.#submission.stoodAs(messageId);
  }

  /** What was submitted last to an agent, where it was seen; undefined: nothing, or that was not. */
  lastTo(agentName: string): Submitted | undefined {
    return this.#submission.lastTo(agentName);
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
        const typed = await this.#paste(text, composer, async () => {
          await this.#begin(message.messageId, text, composer);
          await this.#assertRecorded(message);
        });
        span.addEvent("typed");
        await this.#submit(message, typed, stop);
      });
    } finally {
      inHand.delete(message.messageId);
    }
  }

  /** Submits a message whose text stands in the composer from an earlier attempt, as one more.
   *  @param composer with the text as it stands there
   *  @throws MosaicError STORE_UNAVAILABLE when its beginning can't be written down: then nothing was pressed */
  async submitStanding(message: StoredMessage, composer: Draft, stop: AbortSignal): Promise<void> {
    await this.#attempt(message, stop, async () => {
      await this.#begin(message.messageId, typedText(message), composer);
      const { row, pane, text } = composer;
      const into = { agentName: row.name, paneId: pane.paneId, runtime: row.runtime };
      await this.#submit(message, { into, sight: { kind: "shown", as: text }, atUnixMs: this.#deps.clock.nowUnixMs() }, stop);
    });
  }

  /** Submits a message that an earlier life of this daemon pasted: its text stands in the composer, and Enter was not pressed. */
  async submitPasted(message: StoredMessage, stop: AbortSignal): Promise<void> {
    const { paneId = "", startedAtUnixMs = 0 } = message.injecting ?? {};
    const typed = {
      into: { agentName: message.receipt.agent?.name ?? "", paneId, runtime: "" },
      sight: { kind: "blind" },
      atUnixMs: startedAtUnixMs,
    } as const;
    await this.#attempt(message, stop, () => this.#submit(message, typed, stop));
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

  async #paste(text: string, { row, pane, composer }: FreeComposer, onReady: () => Promise<void>): Promise<Typed> {
    const { terminal, clock, mannersOf } = this.#deps;
    await terminal.paste(pane.paneId, text, uninterrupted, onReady);
    const atUnixMs = clock.nowUnixMs();
    const into = { agentName: row.name, paneId: pane.paneId, runtime: row.runtime, composer };
    const sight = await this.#pasted.shows(into);
    await clock.sleep(submitProfile(row.runtime, mannersOf(row.runtime)).settleMs, uninterrupted);
    const panes = await terminal.listPanes(uninterrupted);
    const isSame = panes.some(({ paneId, pid, isDead }) => paneId === pane.paneId && pid === pane.pid && !isDead);
    if (isSame) return { into, sight, atUnixMs };
    const detail = `the process of "${row.name}" ended between paste and Enter, and Enter was not pressed`;
    throw new MosaicError("AGENT_NOT_RUNNING", detail);
  }

  async #submit({ messageId }: StoredMessage, typed: Typed, stop: AbortSignal): Promise<void> {
    if (!(await this.#submission.submit(messageId, typed, stop))) throw new GivenUp("Enter was not pressed");
  }

  async #fail(messageId: string, { reason, detail }: Failure, stop: AbortSignal): Promise<void> {
    const { inbox, clock } = this.#deps;
    const facts = { atUnixMs: clock.nowUnixMs(), reason, detail };
    await surely(this.#deps, () => inbox.change(messageId, lastStep(DeliveryState.FAILED, facts)), stop);
  }
}

/** The message is to be typed no more, or not now. */
class GivenUp extends Error {}

function failureOf(thrown: unknown): Failure {
  const error = MosaicError.from(thrown);
  const reason = error.code === "AGENT_NOT_RUNNING" ? FailureReason.AGENT_EXITED : FailureReason.TERMINAL_ERROR;
  return { reason, detail: error.message };
}
