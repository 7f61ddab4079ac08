import type { Clock } from "@mosaic/core";

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

/** Time that moves only when a test says so. Both clocks start at 2026-01-01T00:00:00Z and 0 ms. */
export class FakeClock implements Clock {
  #nowMs = 0;
  #wallOffsetMs = 1_767_225_600_000;
  readonly #sleepers = new Set<Sleeper>();

  nowUnixMs(): number {
    return this.#wallOffsetMs + this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  /** Resolves when the clock was advanced far enough, or when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted || ms <= 0) return resolve();
      const wake = () => {
        this.#sleepers.delete(sleeper);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      const sleeper = { dueMs: this.#nowMs + ms, wake };
      this.#sleepers.add(sleeper);
      signal.addEventListener("abort", wake, { once: true });
    });
  }

  /** How many calls sleep now. */
  get sleeperCount(): number {
    return this.#sleepers.size;
  }

  /** Moves both clocks on. Whoever is due on the way wakes at its own moment, earliest first, and gets to finish what it
   *  does (and to sleep again) before time moves further. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await settle();
    for (let next = this.#nextDue(endMs); next; next = this.#nextDue(endMs)) {
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.wake();
      await settle();
    }
    this.#nowMs = endMs;
    await settle();
  }

  /** Lets the wall clock jump, as an operator or NTP does; the monotonic clock does not notice. */
  jumpWall(ms: number): void {
    this.#wallOffsetMs += ms;
  }

  #nextDue(endMs: number): Sleeper | undefined {
    const [first] = [...this.#sleepers].filter((sleeper) => sleeper.dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs);
    return first;
  }
}

/** Resolves when everything that can go on without time or network has gone on. */
export async function settle(): Promise<void> {
  // Each turn of the event loop drains all promise jobs; two, because a few platform streams pass on in the next turn.
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
