import type { Clock } from "@mosaic/core";
import { DeliveryState } from "@mosaic/wire";
import type { Inbox } from "./inbox.ts";
import { step } from "./message-steps.ts";
import type { Standing, StandingText } from "./standing-text.ts";

export interface ConfirmationDeps {
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly standing: StandingText;
}

/** Says of messages that were entered and not reported in time that nobody confirmed them: which is no end, as evidence may still
 *  come. Presses nothing, whatever stands in the composer. */
export class Confirmation {
  readonly #deps: ConfirmationDeps;

  constructor(deps: ConfirmationDeps) {
    this.#deps = deps;
  }

  /** Makes an ENTERED message UNCONFIRMED; any other stays as it is.
   *  @throws MosaicError STORE_UNAVAILABLE */
  async giveUp(messageId: string, signal: AbortSignal): Promise<void> {
    const { inbox, clock, standing } = this.#deps;
    const message = inbox.get(messageId);
    if (message?.receipt.state !== DeliveryState.ENTERED) return;
    const remark = STANDING[await standing.look(message, signal)];
    const detail = `the agent did not report the message in the time given${remark}`;
    const unconfirmed = step(DeliveryState.UNCONFIRMED, { atUnixMs: clock.nowUnixMs(), detail });
    await inbox.change(messageId, (now) => (now.receipt.state === DeliveryState.ENTERED ? unconfirmed(now) : undefined));
  }
}

const STANDING: Readonly<Record<Standing, string>> = {
  nothing: "",
  "its-text": "; its text still stands in the composer, and nothing was pressed again",
  other: "; a text stands in the composer, and nothing was pressed again",
};
