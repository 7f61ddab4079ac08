import { growingFiles, readEventsBack } from "@mosaic/host";
import { type ListedRecord, parseAuditRecord } from "../commands/audit/audit-record.ts";
import { byTime, type ListedEvent, listedEvent, listedRecord } from "../events/listed-event.ts";
import type { Io } from "../io/io.ts";
import { fileLines } from "./file-lines.ts";

/** Where this host keeps what happens. */
export interface LocalPlaces {
  readonly auditPath: string;
  /** `$MOSAIC_HOME/fleet/events`. */
  readonly eventsFolder: string;
}

export interface LocalEvents {
  /** Oldest first. */
  readonly items: readonly ListedEvent[];
  /** Lines of journals that are no events. */
  readonly unreadable: number;
}

type IsAsked = (item: ListedEvent) => boolean;

/** How often journals are looked at that a daemon appends to, in ms. */
const LOOK_EVERY_MS = 500;
const ROLES = ["node", "aggregator"] as const;

/** The last of what was done and of what happened on this host, from its files, at the end of which what comes later begins. */
export class LocalReader {
  readonly #places: LocalPlaces;
  readonly #io: Pick<Io, "clock" | "signal">;
  readonly #isAsked: IsAsked;
  /** By path, the newest event of each journal that was read. */
  readonly #last = new Map<string, string>();
  #lastIndex = -1;

  constructor(places: LocalPlaces, io: Pick<Io, "clock" | "signal">, isAsked: IsAsked) {
    this.#places = places;
    this.#io = io;
    this.#isAsked = isAsked;
  }

  /** @param lines how many, counted from the last
   *  @throws MosaicError MACHINE when a file can't be read */
  async read(lines: number): Promise<LocalEvents> {
    const records = await this.#records();
    let unreadable = 0;
    const onUnreadable = () => {
      unreadable += 1;
    };
    const events = await Promise.all(ROLES.map((role) => this.#journal(role, lines, onUnreadable)));
    const items = [...records, ...events.flat()].sort(byTime);
    return { items: items.slice(-lines), unreadable };
  }

  /** Calls back with what comes later, as it comes, until the signal aborts. */
  async follow(onItem: (item: ListedEvent) => void): Promise<void> {
    await Promise.all([this.#followRecords(onItem), ...ROLES.map((role) => this.#followJournal(role, onItem))]);
  }

  async #records(): Promise<ListedEvent[]> {
    const found: ListedEvent[] = [];
    // What is not asked for does not count, so that all are read of which the last few are shown.
    const options = { lines: Number.MAX_SAFE_INTEGER, isFollowing: false, signal: this.#io.signal };
    for await (const text of fileLines(this.#places.auditPath, options, this.#io)) {
      const record = parseAuditRecord(text);
      if (record) this.#take(record, (item) => void found.push(item));
    }
    return found;
  }

  async #followRecords(onItem: (item: ListedEvent) => void): Promise<void> {
    const options = { lines: Number.MAX_SAFE_INTEGER, isFollowing: true, signal: this.#io.signal };
    const newest = this.#lastIndex;
    for await (const text of fileLines(this.#places.auditPath, options, this.#io)) {
      const record = parseAuditRecord(text);
      if (record && (record.index ?? 0) > newest) this.#take(record, onItem);
    }
  }

  #take(record: ListedRecord, onItem: (item: ListedEvent) => void): void {
    this.#lastIndex = Math.max(this.#lastIndex, record.index ?? -1);
    const item = listedRecord(record);
    if (this.#isAsked(item)) onItem(item);
  }

  async #journal(role: string, most: number, onUnreadable?: () => void): Promise<ListedEvent[]> {
    const path = this.#pathOf(role);
    const before = this.#last.get(path) ?? "";
    const found: ListedEvent[] = [];
    let newest: string | undefined;
    for await (const event of readEventsBack(path, onUnreadable ? { onUnreadable } : {})) {
      this.#io.signal.throwIfAborted();
      if (event.id <= before) break;
      newest ??= event.id;
      const item = listedEvent(event, role);
      if (this.#isAsked(item)) found.push(item);
      if (found.length === most) break;
    }
    if (newest !== undefined) this.#last.set(path, newest);
    return found.reverse();
  }

  async #followJournal(role: string, onItem: (item: ListedEvent) => void): Promise<void> {
    const { clock, signal } = this.#io;
    const files = growingFiles(() => {});
    let size: number | undefined;
    while (!signal.aborted) {
      const now = await files.size(this.#pathOf(role));
      if (now !== size) for (const item of await this.#journal(role, Number.MAX_SAFE_INTEGER)) onItem(item);
      size = now;
      await clock.sleep(LOOK_EVERY_MS, signal);
    }
  }

  #pathOf(role: string): string {
    return `${this.#places.eventsFolder}/${role}.jsonl`;
  }
}
