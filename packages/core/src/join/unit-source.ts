import type { Clock } from "../ports/clock.ts";
import type { UnitTable } from "../ports/units.ts";
import { readUnitPlane, type UnitPlane } from "./unit-plane.ts";

export interface UnitSourceOptions {
  /** How long a reader waits for systemd, in ms. */
  readonly patienceMs: number;
  /** Called when an answer came after all that nobody waited for any more. */
  readonly onLate?: (() => void) | undefined;
}

/** Reads units without letting a slow systemd hold up what the other planes have to tell: who has waited long enough goes on
 *  with what was known before. */
export class UnitSource {
  readonly #units: UnitTable;
  readonly #clock: Clock;
  readonly #options: UnitSourceOptions;
  #reading: Promise<void> | undefined;
  /** As last told. */
  plane: UnitPlane = { kind: "unreadable", reason: "systemd has not answered yet" };

  constructor(units: UnitTable, clock: Clock, options: UnitSourceOptions) {
    this.#units = units;
    this.#clock = clock;
    this.#options = options;
  }

  /** Asks, and waits as long as there is patience.
   *  @returns false when an older question is still open: then ask again after `onLate`
   *  @throws MosaicError CANCELLED when the signal aborted */
  async read(signal: AbortSignal): Promise<boolean> {
    const isNew = this.#reading === undefined;
    this.#reading ??= this.#ask(signal);
    const reading = this.#reading;
    const patience = new AbortController();
    try {
      await Promise.race([reading, this.#clock.sleep(this.#options.patienceMs, patience.signal)]);
    } finally {
      patience.abort();
    }
    if (isNew && this.#reading === reading) void reading.then(() => this.#options.onLate?.(), ignoreAbort);
    return isNew;
  }

  async #ask(signal: AbortSignal): Promise<void> {
    try {
      this.plane = await readUnitPlane(this.#units, signal);
    } finally {
      this.#reading = undefined;
    }
  }
}

// Thrown only when whoever asked is being stopped: nobody is left to be told.
function ignoreAbort(): void {}
