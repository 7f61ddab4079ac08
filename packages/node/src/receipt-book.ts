import { hasReached, isFinal, MosaicError, type StepFacts, withStep } from "@mosaic/core";
import type { DeliveryState, Receipt } from "@mosaic/wire";

/** Receipts kept at most, the oldest forgotten first. In memory until the durable inbox exists. */
const MAX_RECEIPTS = 10_000;

/** The receipts of the messages this node was given, by message id. */
export class ReceiptBook {
  readonly #receipts = new Map<string, Receipt>();
  readonly #waiting = new Map<string, Set<() => void>>();

  /** The receipt of an id that was used before.
   *  @throws MosaicError MESSAGE_ID_REUSED when it was used for another text or agent */
  earlier(messageId: string, agentName: string, textSha256: string): Receipt | undefined {
    const known = this.#receipts.get(messageId);
    if (!known) return undefined;
    if (known.textSha256 === textSha256 && known.agent?.name === agentName) return known;
    throw new MosaicError("MESSAGE_ID_REUSED", `message id "${messageId}" was used for another message to ${known.agent?.name}`, {
      hint: "leave out --id, or choose a new one",
    });
  }

  get(messageId: string): Receipt | undefined {
    return this.#receipts.get(messageId);
  }

  /** Starts a receipt. */
  open(receipt: Receipt): void {
    this.#receipts.set(receipt.messageId, receipt);
    const [oldest] = this.#receipts.keys();
    if (this.#receipts.size > MAX_RECEIPTS && oldest !== undefined) this.#receipts.delete(oldest);
  }

  /** Adds a step and wakes who waits for it. Evidence for a message that was forgotten long ago is dropped. */
  step(messageId: string, state: DeliveryState, facts: StepFacts): void {
    const receipt = this.#receipts.get(messageId);
    if (!receipt) return;
    this.#receipts.set(messageId, withStep(receipt, state, facts));
    for (const wake of this.#waiting.get(messageId) ?? []) wake();
  }

  /** Resolves when the message has reached `wanted` or a final state, or when the signal aborts. */
  async reached(messageId: string, wanted: DeliveryState, signal: AbortSignal): Promise<void> {
    const isThere = () => {
      const state = this.#receipts.get(messageId)?.state;
      return state === undefined || isFinal(state) || hasReached(state, wanted);
    };
    while (!isThere() && !signal.aborted) await this.#nextStep(messageId, signal);
  }

  #nextStep(messageId: string, signal: AbortSignal): Promise<void> {
    const waiting = this.#waiting.get(messageId) ?? new Set();
    this.#waiting.set(messageId, waiting);
    return new Promise((resolve) => {
      const wake = () => {
        waiting.delete(wake);
        if (waiting.size === 0) this.#waiting.delete(messageId);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      waiting.add(wake);
      signal.addEventListener("abort", wake, { once: true });
    });
  }
}
