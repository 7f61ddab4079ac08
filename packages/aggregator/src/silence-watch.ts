import type { Clock } from "@mosaic/core";

/** Looks come at multiples of this, in ms: one timer then serves all that are due by it. A timer, a promise and a signal for each of a
 *  thousand members cost a tenth of what watching them costs. */
const GRAIN_MS = 250;

/** Looks after many that may fall silent, each when there can be news of it, and at most a quarter of a second later. */
export class SilenceWatch {
  readonly #clock: Pick<Clock, "monotonicMs" | "sleep">;
  /** When each is to be looked at next. */
  readonly #dueAtMs = new Map<() => number, number>();
  #wake: AbortController | undefined;
  #wakesAtMs = 0;

  constructor(clock: Pick<Clock, "monotonicMs" | "sleep">) {
    this.#clock = clock;
  }

  /** Looks now, and again whenever a look says that there can be news.
   *  @param look says in how many ms the next one is due; Infinity: never
   *  @param signal ends it */
  watch(look: () => number, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#note(look);
    signal.addEventListener("abort", () => this.#forget(look), { once: true });
    if (!this.#wake) void this.#run();
    else if (this.#wakeAtMs() < this.#wakesAtMs) this.#wake.abort(CHANGED);
  }

  async #run(): Promise<void> {
    while (this.#dueAtMs.size > 0) {
      const wake = new AbortController();
      this.#wake = wake;
      this.#wakesAtMs = this.#wakeAtMs();
      const leftMs = this.#wakesAtMs - this.#clock.monotonicMs();
      if (leftMs > 0) await this.#clock.sleep(Math.ceil(leftMs), wake.signal);
      const nowMs = this.#clock.monotonicMs();
      for (const [look, dueMs] of this.#dueAtMs) if (dueMs <= nowMs) this.#note(look);
    }
    this.#wake = undefined;
  }

  #note(look: () => number): void {
    const dueMs = this.#clock.monotonicMs() + look();
    if (Number.isFinite(dueMs)) this.#dueAtMs.set(look, dueMs);
    else this.#dueAtMs.delete(look);
  }

  #forget(look: () => number): void {
    this.#dueAtMs.delete(look);
    // Nothing is left to wait for, and no timer either.
    if (this.#dueAtMs.size === 0) this.#wake?.abort(CHANGED);
  }

  #wakeAtMs(): number {
    let firstMs = Number.POSITIVE_INFINITY;
    for (const dueMs of this.#dueAtMs.values()) if (dueMs < firstMs) firstMs = dueMs;
    return Math.ceil(firstMs / GRAIN_MS) * GRAIN_MS;
  }
}

/** Without a reason of ours each would make an exception. */
const CHANGED = "what is waited for has changed";
