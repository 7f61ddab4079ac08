import { hasReached, isFinal, type MessageChange, type MessageStore, MosaicError, type StoredMessage } from "@mosaic/core";
import { DeliveryState } from "@mosaic/wire";

/** What outlives a store in memory, so that a test can open another over the same. */
export interface MemoryRecords {
  readonly messages: Map<string, StoredMessage>;
  lastSequence: number;
}

export interface MemoryMessageStoreOptions {
  /** Default: none yet. */
  readonly records?: MemoryRecords;
  /** Default 100. */
  readonly maxPendingPerAgent?: number;
  /** Default 1 MiB. */
  readonly maxPendingBytesPerAgent?: number;
  /** Default 50,000. */
  readonly maxMessages?: number;
}

/** A {@link MessageStore} that a test may break. */
export interface MemoryMessageStore extends MessageStore {
  /** Set by the test: why nothing can be written now. Undefined: it can. */
  refusal: string | undefined;
}

/** Nothing held, nothing given. */
export function memoryRecords(): MemoryRecords {
  return { messages: new Map(), lastSequence: 0 };
}

/** Keeps messages in memory, by the same rules as the real store: for tests of what uses one. */
export function memoryMessageStore(options: MemoryMessageStoreOptions = {}): MemoryMessageStore {
  return new InMemory(options);
}

const DAY_MS = 24 * 60 * 60 * 1000;

class InMemory implements MemoryMessageStore {
  refusal: string | undefined;
  readonly #options: MemoryMessageStoreOptions;
  readonly #records: MemoryRecords;
  readonly #listeners = new Set<(message: StoredMessage) => void>();

  constructor(options: MemoryMessageStoreOptions) {
    this.#options = options;
    this.#records = options.records ?? memoryRecords();
  }

  async add(message: Omit<StoredMessage, "sequence">): ReturnType<MessageStore["add"]> {
    const known = this.#records.messages.get(message.messageId);
    if (known !== undefined) return { message: known, isNew: false };
    this.#assertWritable();
    this.#assertRoomFor(message);
    this.#records.lastSequence += 1;
    const stored = { ...message, sequence: this.#records.lastSequence };
    this.#keep(stored);
    return { message: stored, isNew: true };
  }

  async update(messageId: string, { receipt, injecting }: MessageChange): Promise<void> {
    this.#assertWritable();
    const known = this.#records.messages.get(messageId);
    if (known === undefined) return;
    const { injecting: _before, ...others } = known;
    this.#keep({ ...others, receipt, ...(injecting === undefined ? {} : { injecting }) });
  }

  get(messageId: string): StoredMessage | undefined {
    return this.#records.messages.get(messageId);
  }

  all(): Iterable<StoredMessage> {
    return this.#records.messages.values();
  }

  async forget(nowUnixMs: number): Promise<number> {
    this.#assertWritable();
    const old = [...this.all()].filter(({ receipt: { state }, expiresAtUnixMs }) => {
      const expiredForMs = nowUnixMs - expiresAtUnixMs;
      if (isFinal(state)) return expiredForMs > DAY_MS;
      return hasReached(state, DeliveryState.ENTERED) && expiredForMs > 8 * DAY_MS;
    });
    for (const { messageId } of old) this.#records.messages.delete(messageId);
    return old.length;
  }

  health(): ReturnType<MessageStore["health"]> {
    const unfinished = [...this.all()].filter(({ receipt }) => !isFinal(receipt.state)).length;
    return { refusal: this.refusal, unfinished };
  }

  onChange(listener: (message: StoredMessage) => void): Disposable {
    const own = (message: StoredMessage) => listener(message);
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.refusal = "the message store is closed";
  }

  #keep(message: StoredMessage): void {
    this.#records.messages.set(message.messageId, message);
    for (const listener of this.#listeners) {
      try {
        listener(message);
      } catch {
        // As in the real store: the message is kept, whatever a listener makes of it.
      }
    }
  }

  #assertWritable(): void {
    if (this.refusal !== undefined) throw new MosaicError("STORE_UNAVAILABLE", this.refusal);
  }

  #assertRoomFor(message: Omit<StoredMessage, "sequence">): void {
    const { maxPendingPerAgent = 100, maxPendingBytesPerAgent = 1024 * 1024, maxMessages = 50_000 } = this.#options;
    const isPending = ({ receipt }: Pick<StoredMessage, "receipt">) => !hasReached(receipt.state, DeliveryState.ENTERED);
    const isFull = this.#records.messages.size >= maxMessages;
    const waiting = isPending(message)
      ? [...this.all()].filter((other) => isPending(other) && agentOf(other) === agentOf(message))
      : [];
    const bytes = [...waiting, message].reduce((sum, { text }) => sum + new TextEncoder().encode(text).length, 0);
    const isBusy = isPending(message) && (waiting.length >= maxPendingPerAgent || bytes > maxPendingBytesPerAgent);
    if (isFull || isBusy) throw new MosaicError("BUSY", "too much waits", { hint: "see what it does: mosaic agent tail" });
  }
}

function agentOf({ receipt: { agent } }: Pick<StoredMessage, "receipt">): string {
  return JSON.stringify([agent?.tenantId, agent?.host, agent?.name]);
}
