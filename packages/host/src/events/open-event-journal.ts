import {
  type Clock,
  Conflation,
  type Counted,
  type EventJournal,
  type FleetEvent,
  formatEventLine,
  type Happening,
  type Log,
  MosaicError,
  newEventId,
} from "@mosaic/core";
import { EventWriter } from "./event-writer.ts";
import { MAX_EVENT_FILES, readEventsBack } from "./read-events-back.ts";

export interface OpenEventJournalOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  /** A file is put aside before it would become larger. Default 8 MiB. */
  readonly maxFileBytes?: number | undefined;
  /** With those that are put aside. Default 4. */
  readonly maxFiles?: number | undefined;
  /** How long events are gathered before they are written together, in ms. Default 200. */
  readonly gatherMs?: number | undefined;
  /** How long after a failure it is tried again, in ms. Default 5000. */
  readonly retryMs?: number | undefined;
}

/** Events that wait for the disk; what is more is dropped, and counted. */
const MAX_WAITING = 1000;
/** How many of the newest are kept when it is opened: what is known of 1,000 hosts and of what happened to them lately. */
const MAX_BEFORE = 5000;
/** How many are read for that: some 4 MB, in 50 ms. */
const MAX_READ = 20_000;
const MAX_FILE_BYTES = 8 * 1024 * 1024;
const MEGABYTE = 1024 * 1024;

/** How large each file of a journal may become, by what all of them may take together.
 *  @param megabytes as it stands in MOSAIC_EVENTS_MB; undefined: nothing is said
 *  @throws MosaicError USAGE for what is no whole number from 1 to 10000 */
export function eventFileBytes(megabytes: string | undefined): number {
  if (megabytes === undefined) return MAX_FILE_BYTES;
  const wanted = /^[1-9]\d{0,4}$/.test(megabytes) ? Number(megabytes) : Number.NaN;
  if (wanted <= 10_000) return Math.floor((wanted * MEGABYTE) / MAX_EVENT_FILES);
  throw new MosaicError(
    "USAGE",
    `MOSAIC_EVENTS_MB is ${JSON.stringify(megabytes.slice(0, 40))}, not a whole number from 1 to 10000`,
    {
      hint: "it is what the event journal may take on disk, in MB; unset it for 32",
    },
  );
}

/** Opens the event journal of a daemon: `<path>`, and `<path>.1` and up when it is full. One process writes to it. Where nothing can
 *  be written the daemon goes on: what finds no place is counted, and the count is written when there is room again. Disposing writes
 *  what waits. */
export async function openEventJournal(options: OpenEventJournalOptions): Promise<EventJournal & AsyncDisposable> {
  const before: FleetEvent[] = [];
  let lastId = "";
  try {
    let unreadable = 0;
    let read = 0;
    const { path, maxFiles, log } = options;
    const onUnreadable = () => {
      unreadable += 1;
    };
    for await (const event of readEventsBack(path, { ...(maxFiles ? { maxFiles } : {}), onUnreadable })) {
      if (lastId === "") lastId = event.id;
      read += 1;
      // How things were is not told by messages, which are most of what a busy host keeps.
      if (!event.kind.startsWith("message.")) before.push(event);
      if (before.length === MAX_BEFORE || read === MAX_READ) break;
    }
    if (unreadable > 0) log.warn({ path, lines: unreadable }, "lines of the event journal can't be read: a crash cut them short");
  } catch (thrown) {
    options.log.warn({ error: String(thrown) }, "the event journal can't be read; what was before is not known");
  }
  return new FileEventJournal(options, before.reverse(), lastId);
}

class FileEventJournal implements EventJournal, AsyncDisposable {
  #before: readonly FleetEvent[];
  readonly #options: OpenEventJournalOptions;
  readonly #writer: EventWriter;
  readonly #conflation = new Conflation();
  readonly #listeners = new Set<(event: FleetEvent) => void>();
  readonly #end = new AbortController();
  #waiting: FleetEvent[] = [];
  #lastId: string;
  #dropped = 0;
  #isFailing = false;
  #loop: Promise<void> | undefined;
  #held: Promise<void> | undefined;

  constructor(options: OpenEventJournalOptions, before: readonly FleetEvent[], lastId: string) {
    const { path, maxFileBytes = MAX_FILE_BYTES, maxFiles = MAX_EVENT_FILES } = options;
    this.#options = options;
    this.#writer = new EventWriter({ path, maxFileBytes, maxFiles });
    this.#before = before;
    this.#lastId = lastId;
  }

  takeBefore(): readonly FleetEvent[] {
    const before = this.#before;
    this.#before = [];
    return before;
  }

  record(happening: Happening): void {
    this.#tell(this.#conflation.take(happening, this.#options.clock.monotonicMs()));
    if (this.#conflation.nextDueMs !== undefined) this.#held ??= this.#tellHeld();
  }

  onRecorded(listener: (event: FleetEvent) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async *readBack(): AsyncGenerator<FleetEvent> {
    const waiting = [...this.#waiting];
    const { path, maxFiles = MAX_EVENT_FILES } = this.#options;
    const first = waiting[0]?.id;
    yield* waiting.reverse();
    // Some of them may have been written meanwhile.
    for await (const event of readEventsBack(path, { maxFiles })) if (first === undefined || event.id < first) yield event;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort("closed");
    await this.#held;
    this.#tell(this.#conflation.rest());
    await this.#loop;
    await this.#writer[Symbol.asyncDispose]();
  }

  #tell(all: readonly Counted[]): void {
    for (const { happening, count } of all) {
      const atUnixMs = this.#options.clock.nowUnixMs();
      this.#lastId = newEventId(this.#lastId, atUnixMs, this.#options.random);
      const event = { ...happening, id: this.#lastId, atUnixMs, count };
      if (this.#waiting.length >= MAX_WAITING) this.#dropped += 1;
      else this.#waiting.push(event);
      for (const listener of this.#listeners) listener(event);
    }
    if (this.#waiting.length > 0) this.#loop ??= this.#writeAll();
  }

  // Only while something is held is there a timer.
  async #tellHeld(): Promise<void> {
    const { clock } = this.#options;
    for (let due = this.#conflation.nextDueMs; due !== undefined; due = this.#conflation.nextDueMs) {
      if (!(await pause(clock, Math.max(1, due - clock.monotonicMs()), this.#end.signal))) break;
      this.#tell(this.#conflation.due(clock.monotonicMs()));
    }
    this.#held = undefined;
  }

  async #writeAll(): Promise<void> {
    const { clock, gatherMs = 200, retryMs = 5000 } = this.#options;
    while (this.#waiting.length > 0 || this.#dropped > 0) {
      const isOpen = await pause(clock, this.#isFailing ? retryMs : gatherMs, this.#end.signal);
      const isWritten = await this.#write();
      // At the end it is tried once.
      if (!isOpen && !isWritten) break;
    }
    this.#loop = undefined;
  }

  async #write(): Promise<boolean> {
    const { path, log } = this.#options;
    const batch = [...this.#waiting];
    const dropped = this.#dropped;
    const lines = dropped === 0 ? batch : [...batch, this.#droppedEvent(dropped)];
    try {
      await this.#writer.append(lines.map((event) => `${formatEventLine(event)}\n`).join(""));
      this.#waiting = this.#waiting.slice(batch.length);
      this.#dropped -= dropped;
      if (this.#isFailing) log.info({ path, dropped }, "events are kept again");
      this.#isFailing = false;
      return true;
    } catch (thrown) {
      if (!this.#isFailing) log.warn({ path, error: String(thrown) }, "events can't be kept now; it is tried again");
      this.#isFailing = true;
      return false;
    }
  }

  #droppedEvent(count: number): FleetEvent {
    const atUnixMs = this.#options.clock.nowUnixMs();
    this.#lastId = newEventId(this.#lastId, atUnixMs, this.#options.random);
    const reason = "they could not be written, and too many waited";
    const nobody = { tenantId: "", host: "", agent: "", from: "", to: "", traceparent: "" };
    return { ...nobody, id: this.#lastId, atUnixMs, kind: "events.dropped", reason, count };
  }
}

/** @returns false: the signal aborted, before or while it waited */
async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  if (!signal.aborted) await clock.sleep(ms, signal);
  return !signal.aborted;
}
