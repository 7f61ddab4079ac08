import type { Agent, HostStatus } from "@mosaic/wire";
import type { Clock } from "../ports/clock.ts";

/** A list as it was when its first page was read. */
export interface PinnedList {
  /** Every row that was selected, ordered by (tenant, host, name). */
  readonly rows: readonly Agent[];
  readonly hosts: readonly HostStatus[];
  readonly epoch: string;
  readonly rev: bigint;
  /** True: its hosts were asked for it, so that no other list is the same. */
  readonly isLive?: boolean;
}

interface Pin {
  readonly list: PinnedList;
  readonly pinnedAtMs: number;
  usedAtMs: number;
}

export interface PinnedListsOptions {
  /** How long a list is kept after a page of it was read, in ms. Default 5 min, as Kubernetes keeps a `continue`. */
  readonly keepMs?: number;
  /** Rows in all kept lists together; what was not read for longest goes first. Default 2,000,000: 16 MB of references, because the
   *  rows themselves are shared until they change. */
  readonly maxRows?: number;
}

/** Most lists, however short: a caller that looks at first pages only must not make the daemon remember all of them. */
const MAX_LISTS = 1024;

/** True for the name of a list that was made by asking every host: no other list continues it. */
export function isLivePin(name: string): boolean {
  return name.includes(LIVE);
}

const LIVE = "-live-";

/** Keeps the lists whose pages are still being read, so that all pages of one list are of one instant. */
export class PinnedLists {
  readonly #clock: Pick<Clock, "monotonicMs">;
  readonly #keepMs: number;
  readonly #maxRows: number;
  // In the order of their last use: a Map keeps the order in which keys were set.
  readonly #pins = new Map<string, Pin>();
  #rowCount = 0;
  #made = 0;

  constructor(clock: Pick<Clock, "monotonicMs">, options: PinnedListsOptions = {}) {
    this.#clock = clock;
    this.#keepMs = options.keepMs ?? 5 * 60_000;
    this.#maxRows = options.maxRows ?? 2_000_000;
  }

  get size(): number {
    return this.#pins.size;
  }

  /** Keeps a list.
   *  @param of what it is a list of besides its version: lists of one version and one meaning have the same rows and are kept once
   *  @returns its name, for the token of the next page */
  pin(list: PinnedList, of: string): string {
    const nowMs = this.#clock.monotonicMs();
    this.#made += 1;
    const name = `${list.rev}-${of}${list.isLive ? `${LIVE}${this.#made}` : ""}`;
    this.#drop(name);
    this.#pins.set(name, { list, pinnedAtMs: nowMs, usedAtMs: nowMs });
    this.#rowCount += list.rows.length;
    this.#forget(nowMs);
    return name;
  }

  /** A list that is kept, and how long ago it was made, in ms. A name of another life of the daemon may be another list's: the
   *  caller compares the epoch. */
  find(name: string): { readonly list: PinnedList; readonly ageMs: number } | undefined {
    const nowMs = this.#clock.monotonicMs();
    this.#forget(nowMs);
    const pin = this.#pins.get(name);
    if (!pin) return undefined;
    pin.usedAtMs = nowMs;
    this.#pins.delete(name);
    this.#pins.set(name, pin);
    return { list: pin.list, ageMs: nowMs - pin.pinnedAtMs };
  }

  #forget(nowMs: number): void {
    for (const [name, { usedAtMs }] of this.#pins) {
      const isOver = this.#rowCount > this.#maxRows || this.#pins.size > MAX_LISTS;
      if (isOver || nowMs - usedAtMs > this.#keepMs) this.#drop(name);
      else return;
    }
  }

  #drop(name: string): void {
    this.#rowCount -= this.#pins.get(name)?.list.rows.length ?? 0;
    this.#pins.delete(name);
  }
}
