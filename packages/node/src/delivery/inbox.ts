import { hasReached, isFinal, type MessageChange, type MessageStore, MosaicError, type StoredMessage } from "@mosaic/core";
import type { DeliveryState } from "@mosaic/wire";
import type { NewMessage } from "./new-message.ts";
import { OpenMessages } from "./open-messages.ts";

/** What a message is to become; undefined: it stays as it is. */
export type MakeChange = (message: StoredMessage) => MessageChange | undefined;

/** Changes one message while nobody else can. @returns the message as it is then; undefined: there is none */
export type ChangeNow = (make: MakeChange) => Promise<StoredMessage | undefined>;

/** The durable messages of this host's agents: takes each id once, changes one message one step at a time, and tells who waits. */
export class Inbox implements Disposable {
  readonly store: MessageStore;
  readonly open: OpenMessages;
  /** Messages that are being typed by this process and were not submitted: nothing that an agent says can be about them. */
  readonly inHand = new Set<string>();
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #following: Disposable;

  constructor(store: MessageStore) {
    this.store = store;
    this.open = new OpenMessages(store);
    this.#following = store.onChange(({ messageId }) => {
      for (const wake of this.#waiting.get(messageId) ?? []) wake();
    });
  }

  [Symbol.dispose](): void {
    this.#following[Symbol.dispose]();
    this.open[Symbol.dispose]();
  }

  get(messageId: string): StoredMessage | undefined {
    return this.store.get(messageId);
  }

  /** Makes a message durable. One whose id is known is answered as it stands.
   *  @throws MosaicError MESSAGE_ID_REUSED for another message of the same id, BUSY, STORE_UNAVAILABLE */
  async take(message: NewMessage): Promise<{ readonly message: StoredMessage; readonly isNew: boolean }> {
    const taken = await this.store.add(message);
    if (taken.isNew || taken.message.payloadSha256 === message.payloadSha256) return taken;
    const to = taken.message.receipt.agent?.name;
    throw new MosaicError("MESSAGE_ID_REUSED", `message id "${message.messageId}" was used for another message to ${to}`, {
      hint: "leave out --id, or choose a new one",
    });
  }

  /** Changes a message after all changes that were asked for before; durable when it resolves.
   *  @throws MosaicError STORE_UNAVAILABLE; nothing is changed then */
  change(messageId: string, make: MakeChange): Promise<StoredMessage | undefined> {
    return this.exclusively(messageId, (changeNow) => changeNow(make));
  }

  /** Does something during which nobody else changes the message. */
  async exclusively<T>(messageId: string, work: (changeNow: ChangeNow) => Promise<T>): Promise<T> {
    const before = this.#turns.get(messageId) ?? Promise.resolve();
    const mine = before.then(() => work((make) => this.#changeNow(messageId, make)));
    // Who comes next does not care how this one ended.
    const turn = mine.catch(() => {});
    this.#turns.set(messageId, turn);
    try {
      return await mine;
    } finally {
      if (this.#turns.get(messageId) === turn) this.#turns.delete(messageId);
    }
  }

  /** True when the message has reached `wanted` or its end, or is not known. */
  isThere(messageId: string, wanted: DeliveryState): boolean {
    const state = this.store.get(messageId)?.receipt.state;
    return state === undefined || isFinal(state) || hasReached(state, wanted);
  }

  /** Resolves when the message has reached `wanted` or its end, when it is forgotten, or when the signal aborts. */
  async reached(messageId: string, wanted: DeliveryState, signal: AbortSignal): Promise<void> {
    while (!this.isThere(messageId, wanted) && !signal.aborted) await this.#nextChange(messageId, signal);
  }

  async #changeNow(messageId: string, make: MakeChange): Promise<StoredMessage | undefined> {
    const message = this.store.get(messageId);
    const change = message && make(message);
    if (change) await this.store.update(messageId, change);
    return this.store.get(messageId);
  }

  #nextChange(messageId: string, signal: AbortSignal): Promise<void> {
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
