import {
  type Clock,
  isFinal,
  type Log,
  type MessageChange,
  type MessageStore,
  MosaicError,
  type StoredMessage,
} from "@mosaic/core";
import { Additions } from "./additions.ts";
import { isForgettable } from "./forgettable.ts";
import { type HeldMessage, HeldMessages } from "./held-messages.ts";
import type { Journal, Opening, Trouble, Write } from "./journal.ts";
import { Listeners } from "./listeners.ts";
import { type MessageLimits, PendingLoad, type Weighed } from "./message-limits.ts";
import { fromRecord, type MessageFacts, toRecord, toUpdate } from "./message-record.ts";
import { TroubleWatch } from "./trouble-watch.ts";
import { unavailable, WriteQueue } from "./write-queue.ts";

export interface DurableMessageStoreDeps {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
}

export interface DurableMessageStoreOptions {
  readonly limits: MessageLimits;
  /** After how long it is looked whether writing works again, in ms. */
  readonly retryMs: number;
}

type NewMessage = Omit<StoredMessage, "sequence">;

/** How many are forgotten in one commit. */
const FORGET_GROUP = 100;

/** Keeps messages in memory and in a journal: a change is in memory as soon as it is on disk, and never before. */
export class DurableMessageStore implements MessageStore {
  readonly #deps: DurableMessageStoreDeps;
  readonly #limits: MessageLimits;
  readonly #held: HeldMessages;
  readonly #load: PendingLoad;
  readonly #queue: WriteQueue;
  readonly #watch: TroubleWatch;
  readonly #listeners: Listeners<StoredMessage>;
  readonly #additions = new Additions({ known: (messageId) => this.get(messageId), take: (message) => this.#take(message) });
  #lastSequence = 0;
  #isLoaded = false;
  #isClosed = false;
  #opening: Promise<void> | undefined;

  constructor(deps: DurableMessageStoreDeps, { limits, retryMs }: DurableMessageStoreOptions) {
    this.#deps = deps;
    this.#limits = limits;
    // The message is stored, whatever a listener makes of it.
    this.#listeners = new Listeners((thrown) =>
      deps.log.error({ error: MosaicError.from(thrown).message }, "a listener to stored messages failed"),
    );
    this.#held = new HeldMessages((sequence) => deps.journal.readText(sequence));
    this.#load = new PendingLoad(limits);
    this.#watch = new TroubleWatch({ clock: deps.clock, log: deps.log, retry: () => this.#retry() }, retryMs);
    this.#queue = new WriteQueue({
      journal: deps.journal,
      undo: (write) => this.#undo(write),
      onOutcome: (trouble) => this.#watch.note(trouble),
    });
  }

  /** Reads what is held. When that can't be done now, it is tried again later, and nothing is taken until it was.
   *  @throws MosaicError ALREADY_RUNNING when another process has the journal */
  async open(): Promise<void> {
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    await this.#opening;
  }

  add(message: NewMessage): ReturnType<MessageStore["add"]> {
    return this.#additions.add(message);
  }

  async update(messageId: string, change: MessageChange): Promise<void> {
    // One that is not taken after all is unknown then.
    await this.#additions.settled(messageId);
    await this.#assertWritable();
    const held = this.#held.get(messageId);
    if (held === undefined) return;
    const changed = withChange(held.facts, change);
    await this.#queue.push(toUpdate(changed), () => {
      if (this.#held.get(messageId) !== undefined) this.#listeners.tell(this.#put(changed, held.textBytes).message);
    });
  }

  get(messageId: string): StoredMessage | undefined {
    return this.#held.get(messageId)?.message;
  }

  *all(): Iterable<StoredMessage> {
    for (const { message } of this.#held.values()) yield message;
  }

  async forget(nowUnixMs: number): Promise<number> {
    await this.#assertWritable();
    const old = [...this.#held.values()].filter(({ facts }) => isForgettable(facts, nowUnixMs));
    for (let start = 0; start < old.length; start += FORGET_GROUP) {
      const group = old.slice(start, start + FORGET_GROUP).map(({ facts }) => facts);
      await this.#queue.push({ kind: "forget", sequences: group.map(({ sequence }) => sequence) }, () => {
        for (const facts of group) this.#drop(facts.messageId);
      });
    }
    return old.length;
  }

  health(): ReturnType<MessageStore["health"]> {
    return { refusal: this.#watch.trouble?.reason, unfinished: this.#held.unfinished };
  }

  onChange(listener: (message: StoredMessage) => void): Disposable {
    return this.#listeners.add(listener);
  }

  /** Writes what waits, then closes the journal. What was read stays readable. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.#watch.close();
    await this.#queue.idle();
    await this.#deps.journal[Symbol.asyncDispose]();
  }

  async #open(): Promise<void> {
    if (this.#isLoaded) return;
    const opening = await this.#deps.journal.open();
    const isLate = this.#watch.trouble !== undefined;
    const trouble = opening.isComplete ? this.#read(opening, isLate) : undefined;
    this.#lastSequence = opening.lastSequence;
    this.#isLoaded = opening.isComplete;
    this.#watch.note(opening.trouble ?? trouble);
  }

  // A record that can't be understood is damage too; the others are read all the same.
  #read({ records }: Opening, isLate: boolean): Trouble | undefined {
    let trouble: Trouble | undefined;
    for (const record of records) {
      try {
        const facts = fromRecord(record);
        const text = isFinal(facts.receipt.state) ? undefined : this.#deps.journal.readText(record.sequence);
        const held = this.#put(facts, record.textBytes, text);
        if (isLate) this.#listeners.tell(held.message);
      } catch (thrown) {
        trouble = this.#deps.journal.damage(
          `message ${record.sequence} can't be understood: ${MosaicError.from(thrown).message}`,
        );
      }
    }
    return trouble;
  }

  async #retry(): Promise<void> {
    // Whether it worked is noted; who asks again hears it too.
    await (this.#isLoaded ? this.#queue.push({ kind: "probe" }, () => {}) : this.open()).catch(() => {});
  }

  async #assertWritable(): Promise<void> {
    if (this.#isClosed) throw new MosaicError("STORE_UNAVAILABLE", "the message store is closed");
    if (!this.#isLoaded) await this.open().catch(toUnavailable);
    const { trouble } = this.#watch;
    if (trouble !== undefined && (trouble.isLasting || !this.#isLoaded)) throw unavailable(trouble);
  }

  async #take(message: NewMessage): ReturnType<MessageStore["add"]> {
    await this.#assertWritable();
    // It may have come to light only now, when the journal could be opened at last.
    const known = this.get(message.messageId);
    if (known !== undefined) return { message: known, isNew: false };
    const weight = { receipt: message.receipt, textBytes: Buffer.byteLength(message.text) };
    this.#assertRoomFor(weight);
    this.#lastSequence += 1;
    const { text, ...facts } = { ...message, sequence: this.#lastSequence };
    return { message: await this.#write({ ...facts, text }, facts, weight), isNew: true };
  }

  async #write(message: StoredMessage, facts: MessageFacts, weight: Weighed): Promise<StoredMessage> {
    let held: HeldMessage | undefined;
    const apply = () => {
      held = this.#held.put(facts, weight.textBytes, message.text);
      this.#listeners.tell(held.message);
    };
    // Its place is taken from now on.
    this.#load.add(weight);
    try {
      await this.#queue.push({ kind: "add", record: toRecord(message) }, apply);
    } catch (thrown) {
      this.#load.remove(weight);
      throw thrown;
    }
    return held?.message ?? message;
  }

  #assertRoomFor(weight: Weighed): void {
    this.#load.assertRoomFor(weight);
    if (this.#held.size + this.#additions.size <= this.#limits.maxMessages) return;
    throw new MosaicError("BUSY", `${this.#held.size} messages are held already`, {
      hint: "finished ones are forgotten 24 h after they expire: send fewer, or with a shorter expiry",
    });
  }

  #put(facts: MessageFacts, textBytes: number, text?: string): HeldMessage {
    const before = this.#held.get(facts.messageId);
    const weight = { receipt: facts.receipt, textBytes };
    if (before) this.#load.replace({ receipt: before.facts.receipt, textBytes }, weight);
    else this.#load.add(weight);
    return this.#held.put(facts, textBytes, text);
  }

  #drop(messageId: string): void {
    const held = this.#held.get(messageId);
    if (held) this.#load.remove({ receipt: held.facts.receipt, textBytes: held.textBytes });
    this.#held.delete(messageId);
  }

  // What is in memory is what its callers were told.
  #undo(write: Write): Write {
    if (write.kind === "add") return { kind: "forget", sequences: [write.record.sequence] };
    const held = write.kind === "update" ? this.#held.get(write.messageId) : undefined;
    // Forgotten twice is forgotten.
    return held === undefined ? { kind: "probe" } : toUpdate(held.facts);
  }
}

function withChange(facts: MessageFacts, { receipt, injecting }: MessageChange): MessageFacts {
  const { injecting: _before, ...others } = facts;
  return { ...others, receipt, ...(injecting === undefined ? {} : { injecting }) };
}

function toUnavailable(thrown: unknown): never {
  const { message, hint } = MosaicError.from(thrown);
  throw new MosaicError("STORE_UNAVAILABLE", message, { hint, cause: thrown });
}
