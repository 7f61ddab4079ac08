import { heldBecause, isFinal, type MessageChange, type StepFacts, type StoredMessage, withStep } from "@mosaic/core";
import type { DeliveryState, FailureReason } from "@mosaic/wire";
import type { MakeChange } from "./inbox.ts";

/** The message one step further; an attempt goes on until its end is known. */
export function step(state: DeliveryState, facts: StepFacts): MakeChange {
  return (message) => changed(message, withStep(message.receipt, state, facts));
}

/** The message one step further, with which it is known how the attempt to type it ended. */
export function lastStep(state: DeliveryState, facts: StepFacts): MakeChange {
  return (message) => {
    const receipt = withStep(message.receipt, state, facts);
    return receipt === message.receipt && message.injecting === undefined ? undefined : { receipt };
  };
}

/** Why a message is not typed yet. */
export function hold(why: string): MakeChange {
  return (message) => {
    if (isFinal(message.receipt.state) || message.injecting) return undefined;
    return changed(message, heldBecause(message.receipt, why));
  };
}

/** What happened to a message that failed. */
export interface Failure {
  readonly reason: FailureReason;
  readonly detail: string;
}

function changed({ receipt, injecting }: StoredMessage, next: StoredMessage["receipt"]): MessageChange | undefined {
  if (next === receipt) return undefined;
  return injecting === undefined ? { receipt: next } : { receipt: next, injecting };
}
