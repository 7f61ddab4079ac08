import { type FleetChange, FleetState } from "./fleet-state.ts";

export interface LogEntry {
  readonly rev: bigint;
  /** `superseded` stands for a row as it was before a later entry: nobody is told of it any more, and it is not kept. */
  readonly change: FleetChange | { readonly kind: "superseded" };
}

export interface FleetLogOptions {
  /** Random id of this log's lifetime. */
  readonly epoch: string;
  /** Entries kept for resuming and for slow readers; all readers share them. Default 8192: a 1,000-host aggregator's
   *  churn of several minutes, in a few MB; or as many as the view has hosts and rows, where those are more. */
  readonly capacity?: number;
}

const LEAST_CAPACITY = 8192;

const SUPERSEDED = { kind: "superseded" } as const;

/** The one log of a daemon: its state now, and the last changes, read by any number of cursors. Publishing costs the same
 *  whatever the number of readers, and no reader can delay another. */
export class FleetLog {
  readonly epoch: string;
  readonly state = new FleetState();
  readonly #wantedCapacity: number | undefined;
  // A ring in two pieces would save the copy; a copy each `capacity` entries is cheaper than the modulo on each read.
  #entries: LogEntry[] = [];
  #rev = 0n;
  #wake = new Set<() => void>();

  constructor(options: FleetLogOptions) {
    this.epoch = options.epoch;
    this.#wantedCapacity = options.capacity;
  }

  /** Revision of the newest change; 0 before the first. */
  get rev(): bigint {
    return this.#rev;
  }

  /** Appends changes in order and wakes every waiting reader once. */
  publish(changes: readonly FleetChange[]): void {
    if (changes.length === 0) return;
    for (const change of changes) {
      this.#supersede(change);
      this.#rev += 1n;
      this.state.apply(change, this.#rev);
      this.#entries.push({ rev: this.#rev, change });
    }
    if (this.#entries.length > 2 * this.#capacity) this.#entries = this.#entries.slice(-this.#capacity);
    const waiting = this.#wake;
    this.#wake = new Set();
    for (const wake of waiting) wake();
  }

  // A row changes with each heartbeat: kept as they were, the rows of a full log would be most of what a daemon holds.
  #supersede(change: FleetChange): void {
    if (change.kind !== "upsert" && change.kind !== "delete") return;
    const earlier = this.state.row(change.kind === "upsert" ? change.row : change.key);
    if (earlier === undefined) return;
    const at = this.#entries.length - 1 - Number(this.#rev - earlier.rev);
    if (this.#entries[at] !== undefined) this.#entries[at] = { rev: earlier.rev, change: SUPERSEDED };
  }

  // A reader that missed fewer changes than the view has rows is caught up with less than a snapshot would take; a fleet whose hosts
  // all come at once would else send all of itself again and again.
  get #capacity(): number {
    return this.#wantedCapacity ?? Math.max(LEAST_CAPACITY, this.state.hostCount + this.state.rowCount);
  }

  /** Up to `limit` changes strictly after `rev`, oldest first; `"too-old"` when the log does not reach back that far, and
   *  `"unknown"` for a revision that this log has not reached. */
  readAfter(rev: bigint, limit: number): readonly LogEntry[] | "too-old" | "unknown" {
    if (rev > this.#rev) return "unknown";
    const behind = Number(this.#rev - rev);
    if (behind > Math.min(this.#entries.length, this.#capacity)) return "too-old";
    const start = this.#entries.length - behind;
    return this.#entries.slice(start, start + limit);
  }

  /** Calls back once, after the next publish; dispose to stop waiting. */
  onNextChange(wake: () => void): Disposable {
    const waiting = this.#wake;
    waiting.add(wake);
    return { [Symbol.dispose]: () => void waiting.delete(wake) };
  }
}
