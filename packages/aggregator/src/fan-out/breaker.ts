import type { Clock } from "@mosaic/core";

/** A failure of the way to a member, for people and programs. */
export interface WayFailure {
  /** gRPC status name. */
  readonly code: string;
  readonly detail: string;
}

/** Whether a member may be asked now. */
export type Entry =
  | { readonly kind: "go" }
  | {
      readonly kind: "open";
      readonly failure: WayFailure;
      /** Failures in a row. */
      readonly failures: number;
      /** How long ago the last one was, in ms. */
      readonly ageMs: number;
      /** When one call is let through again, in ms. 0: one is under way. */
      readonly retryInMs: number;
    };

export interface BreakerDeps {
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly random: () => number;
}

/** Failures in a row that open it: one may be a restart, two bad luck. */
const OPENS_AFTER = 3;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** Full jitter may come out at nothing, which would be no pause. */
const LEAST_PAUSE_MS = 100;

/** Keeps calls from a way that does not work, so that it costs nobody any time. Its states, with what moves it on:
 *  - *closed*: every call goes → *open* at the third failure in a row
 *  - *open*: no call goes → *half-open* with the first call after a pause, which doubles from 1 s to 60 s, with full jitter
 *  - *half-open*: one call is under way as a probe → *closed* when it succeeds, *open* when it fails or is given up
 *  A success by whatever call closes it: the Watch of the same member counts as one. */
export class Breaker {
  readonly #deps: BreakerDeps;
  #failures = 0;
  #pauses = 0;
  #last: WayFailure & { readonly atMs: number } = { code: "", detail: "", atMs: 0 };
  #retryAtMs = 0;
  #isProbing = false;

  constructor(deps: BreakerDeps) {
    this.#deps = deps;
  }

  get isOpen(): boolean {
    return this.#failures >= OPENS_AFTER;
  }

  /** Asks for leave to call. Whoever gets it says how it went: `succeeded`, `failed`, or `givenUp` where that says nothing. */
  enter(): Entry {
    if (!this.isOpen) return { kind: "go" };
    const nowMs = this.#deps.clock.monotonicMs();
    if (!this.#isProbing && nowMs >= this.#retryAtMs) {
      this.#isProbing = true;
      return { kind: "go" };
    }
    const { code, detail, atMs } = this.#last;
    const retryInMs = this.#isProbing ? 0 : Math.round(this.#retryAtMs - nowMs);
    return { kind: "open", failure: { code, detail }, failures: this.#failures, ageMs: Math.round(nowMs - atMs), retryInMs };
  }

  succeeded(): void {
    this.#failures = 0;
    this.#pauses = 0;
    this.#isProbing = false;
  }

  /** Notes a failure of the way itself; an answer that refuses is none. */
  failed(failure: WayFailure): void {
    const nowMs = this.#deps.clock.monotonicMs();
    const wasOpen = this.isOpen;
    this.#failures += 1;
    this.#last = { ...failure, atMs: nowMs };
    // While it is open, only the probe's end begins another pause: failures of others would put the next probe off for ever.
    if (this.isOpen && (!wasOpen || this.#isProbing)) this.#pause(nowMs);
    this.#isProbing = false;
  }

  givenUp(): void {
    this.#isProbing = false;
  }

  #pause(nowMs: number): void {
    const boundMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.#pauses, 10));
    this.#pauses += 1;
    this.#retryAtMs = nowMs + Math.max(LEAST_PAUSE_MS, boundMs * this.#deps.random());
  }
}
