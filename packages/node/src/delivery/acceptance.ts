import { hasReached, isFinal, type StoredMessage, withStep } from "@mosaic/core";
import { DeliveryState, type Evidence, type Receipt } from "@mosaic/wire";

/** A prompt that an agent took, as far as it can be compared. */
export interface TakenPrompt {
  /** Of its text, in every form that is the same prompt. */
  readonly hashes: ReadonlySet<string>;
  /** Empty: not known. */
  readonly turnId: string;
  readonly evidence: Evidence;
  /** True: the turn counts instead of the one that was told of this prompt before. */
  readonly movesTurn?: boolean | undefined;
}

/** Two clocks of one host may differ by this much: a report is of a message only when it was made after that was typed. */
const TOLERANCE_MS = 2000;

/** The receipt of a message with what an agent said of its text; undefined: that is no news of this message. */
export function withAcceptance(message: StoredMessage, prompt: TakenPrompt, atUnixMs: number): Receipt | undefined {
  const { receipt } = message;
  const { turnId, evidence, movesTurn = false } = prompt;
  if (isFinal(receipt.state) || atUnixMs < typedAtUnixMs(message) - TOLERANCE_MS) return undefined;
  if (isAccepted(message)) {
    const isNews = turnId !== "" && turnId !== receipt.turnId && (receipt.turnId === "" || movesTurn);
    return isNews ? { ...receipt, turnId } : undefined;
  }
  const at = { atUnixMs: notBefore(receipt, atUnixMs) };
  // Taken means entered, also where a crash left no time to say so.
  const entered = withStep(withStep(receipt, DeliveryState.TYPED, at), DeliveryState.ENTERED, at);
  return withStep(entered, DeliveryState.ACCEPTED, { ...at, evidence, turnId });
}

/** Messages of one text in the order in which a prompt of that text is meant: as a rule one of which nothing was heard comes
 *  before one that was accepted; where a turn is moved, the last that was accepted comes first. */
export function meantFirst(messages: readonly StoredMessage[], { movesTurn = false }: TakenPrompt): StoredMessage[] {
  const accepted = messages.filter(isAccepted);
  const others = messages.filter((message) => !isAccepted(message));
  return movesTurn ? [...accepted.toReversed(), ...others] : [...others, ...accepted];
}

/** When the text was put before the agent, or begun to be, in ms of the host's wall clock. */
export function typedAtUnixMs({ receipt, injecting }: StoredMessage): number {
  const typed = receipt.steps.findLast(({ state }) => state === DeliveryState.TYPED);
  return injecting?.startedAtUnixMs ?? Number(typed?.atUnixMs ?? 0n);
}

/** An agent may speak before the key press has returned; steps of one clock never go back. */
export function notBefore(receipt: Receipt, atUnixMs: number): number {
  return Math.max(atUnixMs, Number(receipt.steps.at(-1)?.atUnixMs ?? 0n));
}

function isAccepted({ receipt }: StoredMessage): boolean {
  return hasReached(receipt.state, DeliveryState.ACCEPTED);
}
