import type { Clock } from "@mosaic/core";

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;
/** A connection that lived as long was no failure. */
const STABLE_MS = 1_000;

/** The pauses between attempts at one connection that is kept: 2 s while nobody is there to connect to, after a failure a time that
 *  doubles from 50 ms to 2 s. {@link wake} ends one; after a failure never its first 50 ms, so that no storm of events becomes a
 *  storm of attempts. */
export class RetryPause {
  readonly #clock: Clock;
  readonly #over: AbortSignal;
  #failures = 0;
  #isAwake = false;
  #endPause = () => {};

  /** @param over no pause outlasts it */
  constructor(clock: Clock, over: AbortSignal) {
    this.#clock = clock;
    this.#over = over;
  }

  /** Ends the pause that lasts, or else the next one. */
  wake(): void {
    this.#isAwake = true;
    this.#endPause();
  }

  /** An attempt begins: it answers whatever woke before it. */
  begin(): void {
    this.#isAwake = false;
  }

  afterAbsence(): Promise<void> {
    this.#failures = 0;
    return this.#pause(LONGEST_PAUSE_MS);
  }

  afterFailure(): Promise<void> {
    this.#failures += 1;
    return this.#pause(0);
  }

  /** @param livedMs how long the connection lasted */
  afterConnection(livedMs: number): Promise<void> {
    this.#failures = livedMs >= STABLE_MS ? 0 : this.#failures + 1;
    return this.#pause(0);
  }

  async #pause(atLeastMs: number): Promise<void> {
    const backoffMs = this.#failures === 0 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#failures - 1));
    if (backoffMs > 0) await this.#clock.sleep(FIRST_PAUSE_MS, this.#over);
    const restMs = Math.max(atLeastMs, backoffMs - FIRST_PAUSE_MS);
    if (restMs <= 0 || this.#isAwake) return;
    const woken = new AbortController();
    this.#endPause = () => woken.abort();
    await this.#clock.sleep(restMs, AbortSignal.any([this.#over, woken.signal]));
    this.#endPause = () => {};
  }
}
