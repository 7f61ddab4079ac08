import { isFinal, type MessageStore, type StoredMessage } from "@mosaic/core";
import { DeliveryState } from "@mosaic/wire";
import { agentKey } from "./message-route.ts";

/** The messages of a store that something may still happen to, and those among them that never left, by agent. Kept up to date
 *  change by change, so that a store full of history costs nothing. */
export class OpenMessages implements Disposable {
  readonly #open = new Map<string, StoredMessage>();
  readonly #queued = new Map<string, Map<string, StoredMessage>>();
  readonly #laneOf = new Map<string, string>();
  readonly #subscription: Disposable;

  constructor(store: MessageStore) {
    this.#subscription = store.onChange((message) => this.#take(message));
    for (const message of store.all()) this.#take(message);
  }

  all(): Iterable<StoredMessage> {
    return this.#open.values();
  }

  /** Agents that something is queued for. */
  lanes(): Iterable<string> {
    return this.#queued.keys();
  }

  /** The oldest message that is queued for an agent. */
  nextIn(lane: string): StoredMessage | undefined {
    const [next] = this.#queued.get(lane)?.values() ?? [];
    return next;
  }

  /** The agent that a message is queued for; undefined: it is not queued. */
  laneOf(messageId: string): string | undefined {
    return this.#laneOf.get(messageId);
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }

  #take(message: StoredMessage): void {
    const { messageId, receipt } = message;
    // What another aggregator carries is followed there.
    const isOurs = message.carriedBy === undefined;
    if (isFinal(receipt.state) || !isOurs) this.#open.delete(messageId);
    else this.#open.set(messageId, message);
    // The lane it was put into: its host may have come to be known by another id since.
    const lane = this.#laneOf.get(messageId) ?? laneOf(message);
    const queue = this.#queued.get(lane) ?? new Map<string, StoredMessage>();
    if (receipt.state === DeliveryState.QUEUED && isOurs) {
      queue.set(messageId, message);
      this.#laneOf.set(messageId, lane);
    } else {
      queue.delete(messageId);
      this.#laneOf.delete(messageId);
    }
    if (queue.size > 0) this.#queued.set(lane, queue);
    else this.#queued.delete(lane);
  }
}

function laneOf({ receipt }: StoredMessage): string {
  return agentKey({ ...hostOf(receipt), name: receipt.agent?.name ?? "" });
}

/** The host that a message is for. */
export function hostOf(receipt: StoredMessage["receipt"]): { tenantId: string; host: string; hostId: string } {
  return { tenantId: receipt.agent?.tenantId ?? "", host: receipt.agent?.host ?? "", hostId: receipt.hostId };
}
