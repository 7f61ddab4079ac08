import { isFinal, type MessageChange, MosaicError, mergeReceipts } from "@mosaic/core";
import { DeliveryState, type Receipt } from "@mosaic/wire";
import type { OutboxRow } from "./outbox-row.ts";

/** Who wants to change a message, and what they know of it. */
export interface Changer {
  /** The token of their own lease. */
  readonly token: number;
  /** The version that they have read. */
  readonly knownVersion: number;
}

/** A message as it stands, and whether the lease under which somebody carries it holds. */
export interface CarriedRow extends OutboxRow {
  readonly isCarried: boolean;
}

/** What becomes of a row. */
export interface Changed extends MessageChange {
  /** True: whoever changed it carries it from now on. */
  readonly isTaken: boolean;
}

/** Decides what a change makes of a row that may have changed since, and may be carried by another aggregator:
 *  - its carrier changes it as it likes, and what others wrote meanwhile is kept;
 *  - what is at its end, or carried by nobody now, is changed by whoever is asked to, and is theirs then;
 *  - of what another one carries only that is written which its agent's host told: that is true whoever hears it.
 *  @throws MosaicError NOT_HERE for any other change: its carrier may be handing it over in this moment */
export function fencedChange(row: CarriedRow, change: MessageChange, { token, knownVersion }: Changer): Changed {
  const isTaken = row.ownerToken === token || isFinal(row.facts.receipt.state) || !row.isCarried;
  if (!isTaken && !wasAtItsHost(change.receipt)) throw carriedElsewhere(row);
  const isAsRead = row.version === knownVersion;
  const receipt = isAsRead && isTaken ? change.receipt : merged(row.facts.receipt, change.receipt);
  return { receipt, injecting: change.injecting, isTaken };
}

// What an aggregator decided by itself does not count any more when the host has the message.
function merged(stored: Receipt, change: Receipt): Receipt {
  if (wasAtItsHost(stored) && !wasAtItsHost(change)) return stored;
  return mergeReceipts(stored, change);
}

function wasAtItsHost({ steps }: Receipt): boolean {
  return steps.some(({ state }) => state === DeliveryState.DELIVERED);
}

function carriedElsewhere({ facts, owner }: CarriedRow): MosaicError {
  return new MosaicError(
    "NOT_HERE",
    `message ${facts.messageId} is carried by aggregator ${owner}, which may be handing it over now`,
    {
      hint: "ask that aggregator; or wait until its host can be reached from here, or it has ended",
    },
  );
}
