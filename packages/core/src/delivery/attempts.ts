import { create } from "@bufbuild/protobuf";
import { DeliveryState, FailureReason, type Receipt, ReceiptSchema, ReceiptStepSchema } from "@mosaic/wire";

/** The receipt of a message that is put before its agent once more: back where it is durable and not typed, with all that was
 *  known of it in its steps. The attempt counts from now on, so that a copy of the receipt elsewhere can't outdo this one. */
export function nextAttempt(receipt: Receipt, atUnixMs: number, detail: string): Receipt {
  const step = create(ReceiptStepSchema, { state: DeliveryState.DELIVERED, atUnixMs: BigInt(atUnixMs), detail });
  return create(ReceiptSchema, {
    ...receipt,
    ...{ state: DeliveryState.DELIVERED, reason: FailureReason.UNSPECIFIED, detail, held: "", turnId: "" },
    attempt: receipt.attempt + 1,
    steps: [...receipt.steps, step],
  });
}

/** The receipt with why its message is not typed yet; the very same one when that is known. */
export function heldBecause(receipt: Receipt, held: string): Receipt {
  return receipt.held === held ? receipt : create(ReceiptSchema, { ...receipt, held });
}

/** True when the agent may have seen the message already, so that another attempt may be the second it sees. */
export function mayHaveBeenTaken(receipt: Receipt): boolean {
  if (receipt.reason === FailureReason.INDETERMINATE) return true;
  const begin = receipt.steps.findLastIndex(({ state }) => state === DeliveryState.DELIVERED);
  return receipt.steps.slice(begin + 1).some(({ state }) => SEEN.has(state));
}

const SEEN: ReadonlySet<DeliveryState> = new Set([
  DeliveryState.ENTERED,
  DeliveryState.UNCONFIRMED,
  DeliveryState.ACCEPTED,
  DeliveryState.ANSWERED,
]);
