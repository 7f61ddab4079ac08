import { hasReached, MosaicError, type StoredMessage } from "@mosaic/core";
import { DeliveryState } from "@mosaic/wire";

/** What a store takes at most. */
export interface MessageLimits {
  /** Messages to one agent that are not yet submitted. Default 100. */
  readonly maxPendingPerAgent: number;
  /** Their texts, in bytes of UTF-8. Default 1 MiB. */
  readonly maxPendingBytesPerAgent: number;
  /** Everything held, finished messages included: each takes about 3 KB of memory. Default 50,000. */
  readonly maxMessages: number;
}

export const DEFAULT_MESSAGE_LIMITS: MessageLimits = {
  maxPendingPerAgent: 100,
  maxPendingBytesPerAgent: 1024 * 1024,
  maxMessages: 50_000,
};

const NOTHING = { messages: 0, bytes: 0 };

/** Counts what waits for each agent. What was submitted waits no more: of an agent that never reports, it may stay
 *  unconfirmed for ever, and must not shut the door. */
export class PendingLoad {
  readonly #limits: MessageLimits;
  readonly #byAgent = new Map<string, { messages: number; bytes: number }>();

  constructor(limits: MessageLimits) {
    this.#limits = limits;
  }

  /** @throws MosaicError BUSY when the message would be one too many for its agent */
  assertRoomFor(message: Weighed): void {
    if (!isPending(message)) return;
    const { messages, bytes } = this.#byAgent.get(agentKey(message)) ?? NOTHING;
    const { maxPendingPerAgent, maxPendingBytesPerAgent } = this.#limits;
    const name = message.receipt.agent?.name ?? "";
    const options = { hint: "see what it does: mosaic agent tail" };
    if (messages >= maxPendingPerAgent)
      throw new MosaicError("BUSY", `${messages} messages already wait for agent "${name}"`, options);
    if (bytes + message.textBytes > maxPendingBytesPerAgent) {
      const room = `${bytes} bytes already wait for agent "${name}", and ${message.textBytes} more are above the limit of`;
      throw new MosaicError("BUSY", `${room} ${maxPendingBytesPerAgent}`, options);
    }
  }

  add(message: Weighed): void {
    if (!isPending(message)) return;
    const key = agentKey(message);
    const { messages, bytes } = this.#byAgent.get(key) ?? NOTHING;
    this.#byAgent.set(key, { messages: messages + 1, bytes: bytes + message.textBytes });
  }

  /** Takes away what {@link PendingLoad.add} added, for the message as it was then. */
  remove(message: Weighed): void {
    if (!isPending(message)) return;
    const key = agentKey(message);
    const { messages, bytes } = this.#byAgent.get(key) ?? NOTHING;
    if (messages <= 1) this.#byAgent.delete(key);
    else this.#byAgent.set(key, { messages: messages - 1, bytes: bytes - message.textBytes });
  }

  /** Puts a message that changed in place of what it was. Nothing is counted anew while it waits as before. */
  replace(before: Weighed, now: Weighed): void {
    if (isPending(before) === isPending(now)) return;
    this.remove(before);
    this.add(now);
  }
}

/** As much of a message as is needed to weigh it. */
export type Weighed = Pick<StoredMessage, "receipt"> & { readonly textBytes: number };

function isPending({ receipt }: Weighed): boolean {
  return !hasReached(receipt.state, DeliveryState.ENTERED);
}

function agentKey({ receipt: { agent } }: Weighed): string {
  // No name has a slash in it.
  return `${agent?.tenantId}/${agent?.host}/${agent?.name}`;
}
