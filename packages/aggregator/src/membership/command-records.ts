import {
  type Clock,
  type Log,
  type MembershipCursor,
  type MembershipKey,
  type MembershipRecord,
  type MembershipStore,
  MosaicError,
} from "@mosaic/core";
import { memberKey } from "@mosaic/core/membership";
import type { RecordMemory } from "./record-memory.ts";
import { withinTime } from "./within-time.ts";

export interface CommandRecordsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  /** Opens the store; tried again until it succeeds. What was opened is closed with this. */
  readonly openMembershipStore: () => Promise<MembershipStore>;
  /** Where the records are remembered while the store can't be asked. */
  readonly memory?: RecordMemory | undefined;
}

/** How often the store is asked for changes, in ms, give or take a fifth so that several aggregators do not ask in step. */
const POLL_MS = 1000;
/** How long one question to the store may take, in ms. */
const STORE_TIMEOUT_MS = 5000;

/** The membership by command, as the store has it: read at the start, followed from then on, and kept when the store is gone. */
export class CommandRecords implements AsyncDisposable {
  readonly #deps: CommandRecordsDeps;
  readonly #onChange: () => void;
  readonly #stop = new AbortController();
  readonly #records = new Map<string, MembershipRecord>();
  readonly #loop: Promise<void>;
  readonly #firstTry = Promise.withResolvers<void>();
  #store: MembershipStore | undefined;
  #cursor: MembershipCursor | undefined;
  #wake = new AbortController();
  #problem: MosaicError | undefined;
  #wasRead = false;

  /** @param onChange called when the records or what is wrong with the store changed */
  constructor(deps: CommandRecordsDeps, onChange: () => void) {
    this.#deps = deps;
    this.#onChange = onChange;
    this.#loop = this.#follow();
  }

  /** All that is known, tombstones too. */
  get all(): readonly MembershipRecord[] {
    return [...this.#records.values()];
  }

  /** Why the store can't be asked now; undefined: it can. */
  get problem(): MosaicError | undefined {
    return this.#problem;
  }

  /** False until the records were read once, or remembered from an earlier life: hosts may be missing. */
  get wasRead(): boolean {
    return this.#wasRead;
  }

  /** Resolves when the store was asked once, with whatever success. */
  get firstTry(): Promise<void> {
    return this.#firstTry.promise;
  }

  get(key: MembershipKey): MembershipRecord | undefined {
    return this.#records.get(memberKey(key));
  }

  /** Stores a record made from the one that is there, by whoever wrote it last.
   *  @returns undefined: somebody else was quicker; what they wrote is known now
   *  @throws MosaicError STORE_UNAVAILABLE */
  async put(record: MembershipRecord): Promise<MembershipRecord | undefined> {
    const store = this.assertUsable();
    const stored = await this.#ask((signal) => store.put(record, signal));
    if (stored) this.#take([stored]);
    else await this.#readAll();
    return stored;
  }

  /** @throws MosaicError STORE_UNAVAILABLE when nothing can be stored now */
  assertUsable(): MembershipStore {
    if (this.#store && !this.#problem) return this.#store;
    const why = this.#problem?.message ?? "it is being opened";
    throw new MosaicError("STORE_UNAVAILABLE", `membership can't be changed now: ${why}`, {
      hint: "every host stays listed meanwhile; see what is wrong in the footer of: mosaic host list",
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    await this.#store?.[Symbol.asyncDispose]();
  }

  async #follow(): Promise<void> {
    const { clock, random } = this.#deps;
    await this.#remember();
    let listening: Disposable | undefined;
    while (!this.#stop.signal.aborted) {
      this.#wake = new AbortController();
      await this.#try();
      listening ??= this.#store?.onChange(() => this.#wake.abort());
      this.#firstTry.resolve();
      await clock.sleep(POLL_MS * (0.8 + 0.4 * random()), AbortSignal.any([this.#stop.signal, this.#wake.signal]));
    }
    this.#firstTry.resolve();
    listening?.[Symbol.dispose]();
  }

  async #try(): Promise<void> {
    try {
      this.#store ??= await this.#deps.openMembershipStore();
      await this.#readNews();
      this.#settle(undefined);
    } catch (thrown) {
      if (!this.#stop.signal.aborted) this.#settle(MosaicError.from(thrown));
    }
  }

  #readAll(): Promise<void> {
    this.#cursor = undefined;
    return this.#readNews();
  }

  async #readNews(): Promise<void> {
    const store = this.#store;
    const cursor = this.#cursor;
    if (!store) return;
    const news = await this.#ask((signal) => (cursor === undefined ? store.list(signal) : store.changesSince(cursor, signal)));
    this.#cursor = news.cursor;
    const isFirst = !this.#wasRead;
    this.#wasRead = true;
    this.#take(news.records, { isNews: isFirst, isWhole: cursor === undefined });
  }

  // What is missing from a list stays: records are never deleted, so a store without one has lost it. What the list has counts,
  // also when it is older than what we knew: the store may have been put back to an earlier day.
  #take(records: readonly MembershipRecord[], { isNews = false, isWhole = false } = {}): void {
    let changed = isNews;
    for (const record of records) {
      const known = this.#records.get(memberKey(record));
      if (known && (isWhole ? known.rev === record.rev : known.rev >= record.rev)) continue;
      this.#records.set(memberKey(record), record);
      changed = true;
    }
    if (!changed) return;
    this.#onChange();
    this.#deps.memory?.save(this.all);
  }

  async #remember(): Promise<void> {
    const remembered = await this.#deps.memory?.load();
    if (!remembered || this.#stop.signal.aborted) return;
    this.#wasRead = true;
    this.#take(remembered, { isNews: true });
  }

  #settle(problem: MosaicError | undefined): void {
    const before = this.#problem;
    this.#problem = problem;
    // A store that comes back may be another, or an older one put back: everything is read again.
    if (problem) this.#cursor = undefined;
    if (problem?.message === before?.message) return;
    if (problem)
      this.#deps.log.warn({ error: problem.message }, "the membership store can't be asked; what is known stays in force");
    else this.#deps.log.info({}, "the membership store answers again");
    this.#onChange();
  }

  #ask<T>(question: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const limit = { timeoutMs: STORE_TIMEOUT_MS, what: "the membership store did not answer" };
    return withinTime(this.#deps.clock, limit, this.#stop.signal, question);
  }
}
