import { type Clock, hasReached, type Log, nextAttempt, withStep } from "@mosaic/core";
import { DeliveryState, FailureReason } from "@mosaic/wire";
import { CONFIRM_MS } from "./deadlines.ts";
import type { Inbox, MakeChange } from "./inbox.ts";
import { LOOK_AGAIN_MS, type PastedInto, type PastedText } from "./pasted-text.ts";
import { surely } from "./surely.ts";

export interface VanishedTextDeps {
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly log: Log;
  readonly pasted: PastedText;
}

/** A screen that takes texts away this often takes them all. */
const TYPED_AGAIN_AT_MOST = 2;
const VANISHED = "its text was gone from the composer before Enter, which was not pressed";
const AGAIN = `${VANISHED}; it is typed again`;

/** Says what becomes of a text that was seen in the composer and is gone before its Enter: a program that changed its screen has
 *  dropped it, a dialog covers it, or somebody submitted it by hand. */
export class VanishedText {
  readonly #deps: VanishedTextDeps;

  constructor(deps: VanishedTextDeps) {
    this.#deps = deps;
  }

  /** Waits until the text stands there again, or the agent says that it took it; when neither comes, it was not submitted, and
   *  goes back into line, a few times at most.
   *  @param endsAtMs on the monotonic clock: nothing is waited for after it
   *  @returns true: the text stands there again, and its Enter is due */
  async isBack(messageId: string, into: PastedInto, endsAtMs: number, stop: AbortSignal): Promise<boolean> {
    const { inbox, clock, pasted } = this.#deps;
    const isOpen = () => inbox.get(messageId)?.injecting !== undefined;
    while (isOpen() && clock.monotonicMs() < endsAtMs) {
      // What a restart finds is for Recovery to settle.
      if (stop.aborted) return false;
      if (await pasted.isStill({ kind: "shown", as: "" }, into)) return true;
      await clock.sleep(LOOK_AGAIN_MS, stop);
    }
    if (isOpen()) await surely(this.#deps, () => inbox.change(messageId, backIntoLine(clock.nowUnixMs())), stop);
    return false;
  }
}

/** How long a text that vanished is waited for, in ms: as long as for the agent's word of any other. */
export const VANISHED_MS = CONFIRM_MS;

function backIntoLine(atUnixMs: number): MakeChange {
  return ({ receipt, injecting }) => {
    // Evidence that came in the last moment stands.
    if (!injecting || hasReached(receipt.state, DeliveryState.ACCEPTED)) return undefined;
    const times = 1 + receipt.steps.filter(({ detail }) => detail === AGAIN).length;
    if (times <= TYPED_AGAIN_AT_MOST) return { receipt: nextAttempt(receipt, atUnixMs, AGAIN) };
    const detail = `${VANISHED}; that was so ${times} times`;
    return { receipt: withStep(receipt, DeliveryState.FAILED, { atUnixMs, reason: FailureReason.NOT_READY, detail }) };
  };
}
