import { type Clock, type Log, MosaicError, type StoredMessage, type TerminalServer, withStep } from "@mosaic/core";
import { DeliveryState, HeartbeatStatus } from "@mosaic/wire";
import type { AgentSaid } from "./composer-lease.ts";
import type { Inbox } from "./inbox.ts";
import type { Submitted } from "./leftover-text.ts";
import { type MannersOf, submitProfile } from "./manners.ts";
import { step } from "./message-steps.ts";
import type { PastedInto, PastedText, Sight } from "./pasted-text.ts";
import { surely } from "./surely.ts";
import { VANISHED_MS, VanishedText } from "./vanished-text.ts";

export interface SubmissionDeps {
  readonly inbox: Inbox;
  readonly terminal: TerminalServer;
  readonly clock: Clock;
  readonly mannersOf: MannersOf;
  readonly pasted: PastedText;
  readonly saidOf: (agentName: string) => AgentSaid | undefined;
  readonly log: Log;
}

/** A text in a composer whose Enter is due. */
export interface Typed {
  readonly into: PastedInto;
  readonly sight: Sight;
  /** When it was pasted, in ms of this host's wall clock. */
  readonly atUnixMs: number;
}

/** As what a text stood in a composer is remembered of this many messages. */
const MAX_REMEMBERED = 1000;
/** What has to be seen of a text that was gone. */
const SHOWN: Sight = { kind: "shown", as: "" };
const uninterrupted = new AbortController().signal;

/** Presses the Enter of a text, where the text is. The screen may have changed since it was pasted: opencode drops what was typed on
 *  its first screen when it goes on to the conversation, and in a dialog Enter is an answer. */
export class Submission {
  readonly #deps: SubmissionDeps;
  readonly #vanished: VanishedText;
  readonly #stoodAs = new Map<string, string>();
  readonly #last = new Map<string, Submitted>();

  constructor(deps: SubmissionDeps) {
    this.#deps = deps;
    this.#vanished = new VanishedText(deps);
  }

  /** As what the text of a message stood in its composer when it vanished; undefined: it did not. */
  stoodAs(messageId: string): string | undefined {
    return this.#stoodAs.get(messageId);
  }

  /** What was submitted last to an agent, where it was seen; undefined: nothing, or that was not. */
  lastTo(agentName: string): Submitted | undefined {
    return this.#last.get(agentName);
  }

  /** Submits a message. Resolves when its receipt says what became of it.
   *  @returns false: its text was gone and stayed so, and nothing was pressed
   *  @throws MosaicError of the terminal before the key */
  async submit(messageId: string, typed: Typed, stop: AbortSignal): Promise<boolean> {
    const { clock, mannersOf } = this.#deps;
    const { into, sight } = typed;
    const endsAtMs = clock.monotonicMs() + VANISHED_MS;
    await this.#untilRested(into);
    while (!(await this.#submitOnce(messageId, typed, stop))) {
      if (sight.kind === "shown") this.#remember(messageId, sight.as);
      if (!(await this.#vanished.isBack(messageId, into, endsAtMs, stop))) return false;
      await clock.sleep(submitProfile(into.runtime, mannersOf(into.runtime)).settleMs, uninterrupted);
    }
    return true;
  }

  // A text whose Enter comes in the moment a turn ends may stay in the composer although it is taken (measured: claude).
  async #untilRested({ agentName, runtime }: PastedInto): Promise<void> {
    const { clock, mannersOf, saidOf } = this.#deps;
    const { restMs = 0 } = submitProfile(runtime, mannersOf(runtime));
    const said = saidOf(agentName);
    const endedMs = said?.status === HeartbeatStatus.IDLE ? clock.nowUnixMs() - (said.atUnixMs ?? 0) : restMs;
    if (endedMs < restMs) await clock.sleep(Math.min(restMs, restMs - endedMs), uninterrupted);
  }

  // Evidence waits meanwhile: a quick agent reports before the key press returns, and the steps should tell it in order.
  async #submitOnce(messageId: string, { into, sight, atUnixMs }: Typed, stop: AbortSignal): Promise<boolean> {
    const { inbox, terminal, clock, pasted } = this.#deps;
    let facts: { atUnixMs: number; detail: string } | undefined;
    this.#last.delete(into.agentName);
    const wasWritten = await inbox.exclusively(messageId, async (changeNow) => {
      inbox.inHand.delete(messageId);
      // When it can't be written down, the beginning is: nobody will type it again.
      await changeNow(submitting(atUnixMs)).catch(() => {});
      if (!(await pasted.isStill(sight.kind === "gone" ? SHOWN : sight, into))) return true;
      const failure = await pressEnter(terminal, into.paneId);
      facts = { atUnixMs: clock.nowUnixMs(), detail: failure ?? "" };
      return await changeNow(entered(atUnixMs, facts)).then(
        () => true,
        () => false,
      );
    });
    if (!facts) return false;
    const { agentName, composer } = into;
    if (sight.kind === "shown") this.#last.set(agentName, { messageId, shown: sight.as, composer, atUnixMs: facts.atUnixMs });
    const change = entered(atUnixMs, facts);
    if (!wasWritten) await surely(this.#deps, () => inbox.change(messageId, change), stop);
    return true;
  }

  #remember(messageId: string, shown: string): void {
    this.#stoodAs.set(messageId, shown);
    const [oldest] = this.#stoodAs.keys();
    if (this.#stoodAs.size > MAX_REMEMBERED && oldest !== undefined) this.#stoodAs.delete(oldest);
  }
}

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

function submitting(atUnixMs: number) {
  return (message: StoredMessage) => {
    const change = step(DeliveryState.TYPED, { atUnixMs })(message);
    return change?.injecting && { ...change, injecting: { ...change.injecting, isSubmitted: true } };
  };
}

// A key that may have been pressed is no key that was.
function entered(typedAtUnixMs: number, facts: { atUnixMs: number; detail: string }) {
  const state = facts.detail === "" ? DeliveryState.ENTERED : DeliveryState.UNCONFIRMED;
  return ({ receipt }: StoredMessage) => ({
    receipt: withStep(withStep(receipt, DeliveryState.TYPED, { atUnixMs: typedAtUnixMs }), state, facts),
  });
}
