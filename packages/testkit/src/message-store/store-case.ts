import type { MessageStore } from "@mosaic/core";
import { MosaicError, newReceipt, type StoredMessage, withStep } from "@mosaic/core";
import { DeliveryState } from "@mosaic/wire";
import { anAgent } from "../builders.ts";

/** A store, over records that outlive it. */
export interface MessageStoreSubject {
  /** Opens it; one at a time, each over what the one before left. */
  open(limits?: { maxPendingPerAgent?: number; maxPendingBytesPerAgent?: number; maxMessages?: number }): Promise<MessageStore>;
  /** Makes that nothing can be written from now on, or that it can again. */
  setWritable(isWritable: boolean): void;
}

/** One promise of {@link MessageStore}, and how to see whether an implementation keeps it. */
export interface MessageStoreCase {
  /** A claim, unique among the cases. */
  readonly name: string;
  /** @throws when the promise is broken */
  readonly run: (subject: MessageStoreSubject) => Promise<void>;
}

/** A message as a daemon gives it to its store, with what is given laid over it. Its receipt is QUEUED. */
export function aMessage(fields: Partial<StoredMessage> & { readonly to?: string } = {}): Omit<StoredMessage, "sequence"> {
  const { to = "lead", ...others } = fields;
  const { messageId = "m-1" } = fields;
  const receipt = withStep(newReceipt(messageId, anAgent({ name: to }), "ab".repeat(32)), DeliveryState.QUEUED, { atUnixMs: 1 });
  return {
    ...{ messageId, receipt, text: "go", payloadSha256: "cd".repeat(32), traceparent: "", expiresAtUnixMs: DAY_MS },
    ...{ policy: "at-most-once", ...others },
  };
}

export const DAY_MS = 24 * 60 * 60 * 1000;

/** A message without the number that its store gave it. */
export function asSent(message: StoredMessage | undefined): Omit<StoredMessage, "sequence"> | undefined {
  if (message === undefined) return undefined;
  const { sequence: _sequence, ...others } = message;
  return others;
}

/** Ids of all that a store holds, in its order. */
export function idsIn(store: MessageStore): string[] {
  return [...store.all()].map(({ messageId }) => messageId);
}

/** The change that a further step is. */
export function at({ receipt }: Pick<StoredMessage, "receipt">, state: DeliveryState): Pick<StoredMessage, "receipt"> {
  return { receipt: withStep(receipt, state, { atUnixMs: 2 }) };
}

/** Tells an error of that code. */
export function refused(code: MosaicError["code"], pattern = /./): (thrown: unknown) => boolean {
  return (thrown) => thrown instanceof MosaicError && thrown.code === code && pattern.test(thrown.message);
}
