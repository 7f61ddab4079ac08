import { create } from "@bufbuild/protobuf";
import {
  type Agent,
  DeliveryState,
  type Evidence,
  type FailureReason,
  type Receipt,
  ReceiptSchema,
  ReceiptStepSchema,
} from "@mosaic/wire";

export interface StepFacts {
  readonly atUnixMs: number;
  readonly detail?: string;
  readonly evidence?: Evidence;
  readonly reason?: FailureReason;
  readonly turnId?: string;
}

/** A receipt before its first step. */
export function newReceipt(messageId: string, agent: Agent, textSha256: string): Receipt {
  return create(ReceiptSchema, {
    messageId,
    agent: { tenantId: agent.tenantId, host: agent.host, name: agent.name },
    hostId: agent.hostId,
    textSha256,
  });
}

/** The receipt with one more step. A step that would go back, or leave a terminal state, changes nothing: late evidence for
 *  a weaker state is no news, but evidence of acceptance ends UNCONFIRMED, which claimed only that none had come. */
export function withStep(receipt: Receipt, state: DeliveryState, facts: StepFacts): Receipt {
  if (!mayFollow(receipt.state, state)) return receipt;
  const step = create(ReceiptStepSchema, {
    state,
    atUnixMs: BigInt(facts.atUnixMs),
    detail: facts.detail ?? "",
    ...(facts.evidence === undefined ? {} : { evidence: facts.evidence }),
  });
  return create(ReceiptSchema, {
    ...receipt,
    state,
    detail: facts.detail ?? "",
    steps: [...receipt.steps, step],
    // Whatever held it, it has gone on.
    held: "",
    ...(facts.reason === undefined ? {} : { reason: facts.reason }),
    ...(facts.turnId ? { turnId: facts.turnId } : {}),
  });
}

/** The receipt with one more thing that happened in the state that it is in. */
export function withRemark(
  receipt: Receipt,
  { atUnixMs, detail }: { readonly atUnixMs: number; readonly detail: string },
): Receipt {
  const step = create(ReceiptStepSchema, { state: receipt.state, atUnixMs: BigInt(atUnixMs), detail });
  return create(ReceiptSchema, { ...receipt, detail, steps: [...receipt.steps, step] });
}

/** True when nothing more can happen to a message in this state, whatever is waited for. */
export function isFinal(state: DeliveryState): boolean {
  return state === DeliveryState.ANSWERED || state === DeliveryState.FAILED || state === DeliveryState.EXPIRED;
}

/** True when a message in `state` has come at least as far as `wanted`. An unconfirmed one was entered, not accepted. */
export function hasReached(state: DeliveryState, wanted: DeliveryState): boolean {
  return rank(state) >= rank(wanted);
}

function mayFollow(from: DeliveryState, to: DeliveryState): boolean {
  if (isFinal(from)) return false;
  // Expired means: before anybody took it.
  if (to === DeliveryState.EXPIRED) return rank(from) < rank(DeliveryState.ACCEPTED);
  return rank(to) > rank(from);
}

// The order of the ladder; UNCONFIRMED stands between ENTERED and ACCEPTED, the terminal failures above all.
const LADDER: readonly DeliveryState[] = [
  DeliveryState.UNSPECIFIED,
  DeliveryState.QUEUED,
  DeliveryState.DELIVERED,
  DeliveryState.TYPED,
  DeliveryState.ENTERED,
  DeliveryState.UNCONFIRMED,
  DeliveryState.ACCEPTED,
  DeliveryState.ANSWERED,
  DeliveryState.EXPIRED,
  DeliveryState.FAILED,
];

function rank(state: DeliveryState): number {
  return LADDER.indexOf(state);
}
