import { hasReached, isFinal, type MessageStore, type StoredMessage } from "@mosaic/core";
import { DeliveryState } from "@mosaic/wire";

/** The messages of a store that are not at their end, by agent. Kept up with every change, so that nobody has to look through
 *  all that is held. */
export class OpenMessages implements Disposable {
  readonly #pending = new Map<string, Map<string, StoredMessage>>();
  readonly #submitted = new Map<string, Map<string, StoredMessage>>();
  readonly #following: Disposable;

  constructor(store: Pick<MessageStore, "all" | "onChange">) {
    for (const message of store.all()) this.#note(message);
    this.#following = store.onChange((message) => this.#note(message));
  }

  [Symbol.dispose](): void {
    this.#following[Symbol.dispose]();
  }

  /** Those of an agent whose text is not known to be in its composer, in the order in which they are to be typed. One with an
   *  attempt that was begun is among them. */
  pending(agentName: string): readonly StoredMessage[] {
    return [...(this.#pending.get(agentName)?.values() ?? [])].sort((a, b) => a.sequence - b.sequence);
  }

  pendingCount(agentName: string): number {
    return this.#pending.get(agentName)?.size ?? 0;
  }

  /** Those of an agent of which it may still report something, the first that was typed first. */
  awaited(agentName: string): Iterable<StoredMessage> {
    const begun = this.pending(agentName).filter(({ injecting }) => injecting !== undefined);
    return [...(this.#submitted.get(agentName)?.values() ?? []), ...begun];
  }

  /** Agents with pending messages. */
  waitingAgents(): string[] {
    return [...this.#pending.keys()];
  }

  /** All of them, in no order. */
  *all(): Iterable<StoredMessage> {
    for (const byAgent of [this.#pending, this.#submitted]) for (const messages of byAgent.values()) yield* messages.values();
  }

  #note(message: StoredMessage): void {
    const { state } = message.receipt;
    const isPending = !isFinal(state) && (!hasReached(state, DeliveryState.TYPED) || message.injecting !== undefined);
    put(this.#pending, message, isPending);
    put(this.#submitted, message, !isFinal(state) && !isPending);
  }
}

function put(index: Map<string, Map<string, StoredMessage>>, message: StoredMessage, isIn: boolean): void {
  const agentName = message.receipt.agent?.name ?? "";
  const messages = index.get(agentName);
  if (isIn) index.set(agentName, (messages ?? new Map<string, StoredMessage>()).set(message.messageId, message));
  else if (messages?.delete(message.messageId) && messages.size === 0) index.delete(agentName);
}
