import {
  type Clock,
  hasReached,
  heldBecause,
  type Log,
  nextAttempt,
  type StoredMessage,
  type TerminalServer,
} from "@mosaic/core";
import { DeliveryState, FailureReason } from "@mosaic/wire";
import type { Inbox } from "./inbox.ts";
import type { Injector } from "./injector.ts";
import { lastStep } from "./message-steps.ts";
import type { StandingText } from "./standing-text.ts";
import { surely } from "./surely.ts";
import { untilReached } from "./until-reached.ts";

export interface RecoveryDeps {
  readonly inbox: Inbox;
  readonly terminal: TerminalServer;
  readonly clock: Clock;
  readonly standing: StandingText;
  readonly injector: Pick<Injector, "submitPasted">;
  readonly log: Log;
}

/** How long evidence of a message that may have been submitted is waited for, in ms: agents that could not reach their node try
 *  again at least every 12 s. */
const EVIDENCE_MS = 15_000;
/** In each life of this daemon it is waited at least so long: one that is killed again and again comes to an end all the same. */
const AT_LEAST_MS = 1000;

/** Finds out what became of a message whose typing was interrupted, by a crash of this daemon above all. The agent's own word
 *  counts, what stands in its composer before any Enter, and that its process is gone; where nothing tells, the sender's policy
 *  decides and never hope. What the agent left in the spool meanwhile has been heard before. */
export class Recovery {
  readonly #deps: RecoveryDeps;

  constructor(deps: RecoveryDeps) {
    this.#deps = deps;
  }

  /** Brings the message out of the attempt that it is found in: to what happened, to its end, or back into line.
   *  @throws MosaicError MACHINE while tmux can't be asked: then it is left as it is */
  async resolve(message: StoredMessage, stop: AbortSignal): Promise<void> {
    const { inbox, clock, log, standing, injector } = this.#deps;
    const { messageId } = message;
    if (!(await this.#isProcessThere(message, stop))) return await this.#end(message, GONE, stop);
    if (message.injecting?.isSubmitted) await this.#waitForEvidence(message, stop);
    // Enter was not pressed, and what stands there is what was pasted: that attempt can be finished.
    else if ((await standing.look(message, stop)) === "its-text") return await injector.submitPasted(message, stop);
    if (stop.aborted || !inbox.get(messageId)?.injecting) return;
    if (message.policy === "at-most-once") return await this.#end(message, await this.#cantTell(message, stop), stop);
    const again = ({ receipt, injecting }: StoredMessage) => {
      if (!injecting || hasReached(receipt.state, DeliveryState.ACCEPTED)) return undefined;
      return { receipt: nextAttempt(receipt, clock.nowUnixMs(), "typing it was interrupted; it is typed again") };
    };
    await surely({ clock, log }, () => inbox.change(messageId, again), stop);
  }

  async #isProcessThere({ injecting }: StoredMessage, stop: AbortSignal): Promise<boolean> {
    const panes = await this.#deps.terminal.listPanes(stop);
    return panes.some(({ paneId, pid, isDead }) => paneId === injecting?.paneId && pid === injecting.panePid && !isDead);
  }

  async #waitForEvidence({ messageId, injecting }: StoredMessage, stop: AbortSignal): Promise<void> {
    const { inbox, clock } = this.#deps;
    const nowUnixMs = clock.nowUnixMs();
    const foundAtUnixMs = injecting?.foundAtUnixMs ?? nowUnixMs;
    await inbox.change(messageId, ({ receipt, injecting: now }) => {
      if (!now || now.foundAtUnixMs !== undefined) return undefined;
      return { receipt: heldBecause(receipt, SEARCHING), injecting: { ...now, foundAtUnixMs } };
    });
    const withinMs = Math.max(AT_LEAST_MS, foundAtUnixMs + EVIDENCE_MS - nowUnixMs);
    await untilReached(this.#deps, messageId, { state: DeliveryState.ACCEPTED, withinMs }, stop);
  }

  async #cantTell(message: StoredMessage, stop: AbortSignal): Promise<Ending> {
    const what = message.injecting?.isSubmitted
      ? "the node stopped when its Enter may have been pressed, and the agent did not report it"
      : "the node stopped while it was typed, before its Enter";
    const standing = await this.#deps.standing.look(message, stop);
    const remark = standing === "nothing" ? "" : `; ${standing === "its-text" ? "its" : "a"} text stands in the composer`;
    return { reason: FailureReason.INDETERMINATE, detail: `${what}${remark}` };
  }

  async #end({ messageId }: StoredMessage, ending: Ending, stop: AbortSignal): Promise<void> {
    const { inbox, clock } = this.#deps;
    const fail = lastStep(DeliveryState.FAILED, { atUnixMs: clock.nowUnixMs(), ...ending });
    // Evidence that came in the last moment has taken the attempt away, and stands.
    await surely(this.#deps, () => inbox.change(messageId, (now) => (now.injecting ? fail(now) : undefined)), stop);
  }
}

interface Ending {
  readonly reason: FailureReason;
  readonly detail: string;
}

const SEARCHING = "the node stopped while it was typed; it is waited for the agent's word of it";
const GONE: Ending = { reason: FailureReason.AGENT_EXITED, detail: "the process it was being typed to has ended" };
