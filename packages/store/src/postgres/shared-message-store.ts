import {
  type Clock,
  isFinal,
  type LeaseStore,
  type Log,
  type MessageChange,
  type MessageStore,
  MosaicError,
  type StoredMessage,
} from "@mosaic/core";
import { type Added, Additions } from "../additions.ts";
import { isForgettable } from "../forgettable.ts";
import { Listeners } from "../listeners.ts";
import type { MessageLimits, Weighed } from "../message-limits.ts";
import { Carrier } from "./carrier.ts";
import type { Database } from "./database.ts";
import { isDoubtful } from "./database-error.ts";
import { GroupQueue } from "./group-queue.ts";
import type { OutboxRow } from "./outbox-row.ts";
import {
  type NewMessage,
  type OutboxOutcome,
  type OutboxUpdate,
  readNews,
  readTexts,
  undoAdds,
  writeOutbox,
} from "./outbox-table.ts";
import { SharedMessages } from "./shared-messages.ts";
import { spreadMs } from "./spread.ts";
import { Turns } from "./turns.ts";

export interface SharedMessageStoreDeps {
  readonly database: Database;
  readonly leases: LeaseStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
}

export interface SharedMessageStoreOptions {
  readonly ownId: string;
  readonly limits: MessageLimits;
  readonly pollMs: number;
  readonly leaseMs: number;
}

type Entry = { readonly reject: (thrown: unknown) => void } & (
  | { readonly kind: "add"; readonly message: NewMessage; readonly resolve: (added: Added) => void }
  | { readonly kind: "update"; readonly update: OutboxUpdate; readonly resolve: () => void }
  | { readonly kind: "forget"; readonly sequences: readonly number[]; readonly resolve: (count: number) => void }
);

const MAX_GROUP = 256;
/** Longest pause between two looks at a database that does not answer, in ms. */
const LAST_PAUSE_MS = 5000;

/** The central outbox: messages in a database that several aggregators share, all of them in the memory of each. Each message is
 *  carried by one of them, under a lease; what a dead one carried another takes over. */
export class SharedMessageStore implements MessageStore {
  readonly #deps: SharedMessageStoreDeps;
  readonly #options: SharedMessageStoreOptions;
  readonly #messages: SharedMessages;
  readonly #carrier: Carrier;
  readonly #queue = new GroupQueue<Entry>((group) => this.#commit(group), MAX_GROUP);
  readonly #additions = new Additions({ known: (messageId) => this.get(messageId), take: (message) => this.#take(message) });
  readonly #listeners: Listeners<StoredMessage>;
  readonly #turns = new Turns();
  readonly #stop = new AbortController();
  /** Ids that may have been added, and whose senders were told that they were not. */
  readonly #doubtful = new Set<string>();
  #cursor: string | undefined;
  #refusal: MosaicError | undefined;
  #tending: Promise<void> | undefined;

  constructor(deps: SharedMessageStoreDeps, options: SharedMessageStoreOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#messages = new SharedMessages(options.limits);
    this.#carrier = new Carrier(deps, options, this.#messages);
    this.#listeners = new Listeners((thrown) =>
      deps.log.error({ error: MosaicError.from(thrown).message }, "a listener to stored messages failed"),
    );
  }

  /** Reads what is held, and goes on to look for what others change. When the database can't be reached now it is tried again
   *  later, and nothing is taken until it was. */
  async open(): Promise<void> {
    await this.#tend();
    this.#tending = this.#tendAgainAndAgain();
  }

  add(message: NewMessage): Promise<Added> {
    return this.#additions.add(message);
  }

  async update(messageId: string, change: MessageChange): Promise<void> {
    // One that is not taken after all is unknown then.
    await this.#additions.settled(messageId);
    this.#assertWritable();
    const sequence = this.get(messageId)?.sequence;
    if (sequence === undefined) return;
    await new Promise<void>((resolve, reject) =>
      this.#queue.push({ kind: "update", update: { sequence, change }, resolve, reject }),
    );
  }

  get(messageId: string): StoredMessage | undefined {
    return this.#messages.get(messageId);
  }

  all(): Iterable<StoredMessage> {
    return this.#messages.all();
  }

  async forget(nowUnixMs: number): Promise<number> {
    this.#assertWritable();
    const old = [...this.#messages.rows()].filter(({ facts }) => isForgettable(facts, nowUnixMs));
    const sequences = old.map(({ facts }) => facts.sequence);
    if (sequences.length === 0) return 0;
    return await new Promise((resolve, reject) => this.#queue.push({ kind: "forget", sequences, resolve, reject }));
  }

  health(): ReturnType<MessageStore["health"]> {
    return { refusal: this.#refusal?.message, unfinished: this.#messages.unfinished };
  }

  onChange(listener: (message: StoredMessage) => void): Disposable {
    return this.#listeners.add(listener);
  }

  carryOnly(canCarry: (message: StoredMessage) => boolean): void {
    this.#carrier.canCarry = canCarry;
  }

  /** Writes what waits, gives its lease back, and stops looking. What was read stays readable. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#tending;
    await this.#queue.idle();
    // One that can't be given back is over by itself.
    if (this.#refusal === undefined) await this.#carrier.release().catch(() => {});
  }

  #assertWritable(): void {
    const { shown } = this.#deps.database;
    if (this.#stop.signal.aborted) throw new MosaicError("STORE_UNAVAILABLE", `the message store in ${shown} is closed`);
    // Known to be of no use: nobody waits for another deadline. It is looked after, and ends by itself.
    if (this.#refusal) throw this.#refusal;
  }

  async #take(message: NewMessage): Promise<Added> {
    this.#assertWritable();
    const { limits } = this.#options;
    const weight: Weighed = { receipt: message.receipt, textBytes: Buffer.byteLength(message.text) };
    this.#messages.load.assertRoomFor(weight);
    if (this.#messages.size + this.#additions.size >= limits.maxMessages) throw full(this.#messages.size);
    // Its place is taken while it is being written.
    this.#messages.load.add(weight);
    try {
      return await new Promise<Added>((resolve, reject) => this.#queue.push({ kind: "add", message, resolve, reject }));
    } finally {
      this.#messages.load.remove(weight);
    }
  }

  async #commit(group: readonly Entry[]): Promise<void> {
    try {
      await this.#turns.run(async () => {
        await this.#settleDoubt();
        const forgets = group.flatMap((entry) => (entry.kind === "forget" ? entry.sequences : []));
        const work = {
          adds: group.flatMap((entry) => (entry.kind === "add" ? [entry.message] : [])),
          updates: group.flatMap((entry) => (entry.kind === "update" ? [entry.update] : [])),
          forgets: forgets.map((sequence) => ({ sequence, version: this.#messages.rowOf(sequence)?.version ?? 0 })),
        };
        const outcome = await writeOutbox(this.#deps.database, work, await this.#carrier.writer());
        for (const entry of group) this.#finish(entry, outcome);
      });
    } catch (thrown) {
      this.#note(MosaicError.from(thrown));
      for (const entry of group) {
        if (entry.kind === "add" && isDoubtful(thrown)) this.#doubtful.add(entry.message.messageId);
        entry.reject(thrown);
      }
    }
  }

  #finish(entry: Entry, { added, updated, kept }: OutboxOutcome): void {
    if (entry.kind === "add") {
      const row = added.get(entry.message.messageId);
      if (row === undefined) return entry.reject(new MosaicError("INTERNAL", "a message was lost while it was stored"));
      this.#put(row, row.text);
      entry.resolve({ message: this.get(row.facts.messageId) ?? { ...row.facts, text: row.text }, isNew: row.isNew });
    } else if (entry.kind === "update") {
      const row = updated.get(entry.update);
      if (row instanceof MosaicError) return entry.reject(row);
      if (row === undefined) this.#messages.drop(entry.update.sequence);
      else this.#put(row);
      entry.resolve();
    } else {
      const gone = entry.sequences.filter((sequence) => !kept.has(sequence));
      for (const sequence of gone) this.#messages.drop(sequence);
      entry.resolve(gone.length);
    }
  }

  #put(row: OutboxRow, text?: string): void {
    const message = this.#messages.put(row, this.#carrier.token, text);
    if (message) this.#listeners.tell(message);
  }

  async #settleDoubt(): Promise<void> {
    if (this.#doubtful.size === 0) return;
    await undoAdds(this.#deps.database, [...this.#doubtful], this.#carrier.token);
    this.#doubtful.clear();
  }

  async #tendAgainAndAgain(): Promise<void> {
    const { clock, random } = this.#deps;
    for (let failures = 0; !this.#stop.signal.aborted; ) {
      failures = this.#refusal === undefined ? 0 : failures + 1;
      // Full jitter, so that those who lost the same server don't come back together.
      const backoffMs = random() * Math.min(LAST_PAUSE_MS, this.#options.pollMs * 2 ** Math.min(failures - 1, 10));
      await clock.sleep(failures === 0 ? spreadMs(this.#options.pollMs, random) : backoffMs, this.#stop.signal);
      if (!this.#stop.signal.aborted) await this.#tend();
    }
  }

  // Settled first: what is in doubt must not come to light as taken.
  async #tend(): Promise<void> {
    try {
      await this.#turns.run(async () => {
        await this.#settleDoubt();
        await this.#carrier.renew();
        await this.#readNews();
        if (await this.#carrier.shareOut()) await this.#readNews();
      });
      this.#note(undefined);
    } catch (thrown) {
      this.#note(MosaicError.from(thrown));
    }
  }

  async #readNews(): Promise<void> {
    const { database } = this.#deps;
    const { cursor, rows } = await readNews(database, this.#cursor);
    const unknown = rows.filter(({ facts }) => this.#messages.rowOf(facts.sequence) === undefined);
    const texts = await readTexts(database, worthReading(unknown));
    for (const row of rows) this.#put(row, texts.get(row.facts.sequence));
    this.#cursor = cursor;
  }

  #note(trouble: MosaicError | undefined): void {
    const { log, database } = this.#deps;
    if (trouble?.message !== this.#refusal?.message) {
      if (trouble === undefined) log.info({ store: database.shown }, "the database can be used again");
      else log.error({ reason: trouble.message, hint: trouble.hint }, "the database can't be used");
    }
    this.#refusal = trouble;
  }
}

/** Texts of finished messages that are read when a store opens, in bytes: the newest. */
const FINISHED_TEXT_BYTES = 64 * 1024 * 1024;

function worthReading(rows: readonly OutboxRow[]): OutboxRow[] {
  let leftBytes = FINISHED_TEXT_BYTES;
  return rows.toReversed().filter(({ facts, textBytes }) => {
    if (!isFinal(facts.receipt.state)) return true;
    leftBytes -= textBytes;
    return leftBytes >= 0;
  });
}

function full(count: number): MosaicError {
  return new MosaicError("BUSY", `${count} messages are held already`, {
    hint: "finished ones are forgotten 24 h after they expire: send fewer, or with a shorter expiry",
  });
}
