import type { Clock } from "@mosaic/core";

export interface PokedLoopOptions {
  readonly clock: Pick<Clock, "sleep">;
  /** How long the pause is that begins now, in ms. */
  readonly pauseMs: () => number;
  /** Does the work once. Catches its own errors: one that it throws ends the loop, and is an unhandled rejection unless the loop is
   *  being disposed, which then throws it. */
  readonly work: () => Promise<void>;
}

/** Does the same work again and again, after each pause or as soon as it is poked, until it is disposed. */
export class PokedLoop implements AsyncDisposable {
  readonly #options: PokedLoopOptions;
  #isPoked = false;
  #isStopped = false;
  #wake = () => {};
  #running: Promise<void> = Promise.resolve();

  constructor(options: PokedLoopOptions) {
    this.#options = options;
  }

  /** True as soon as it is being disposed: work that takes long looks at it. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Begins with a pause; with the work, before it returns, when it was poked already. */
  start(): void {
    this.#running = this.#run();
  }

  /** Ends the pause, or makes the one after the work under way none. Many pokes make the work be done once. */
  poke(): void {
    this.#isPoked = true;
    this.#wake();
  }

  /** Ends a pause at once, and waits for the work under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true;
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, pauseMs, work } = this.#options;
    while (!this.#isStopped) {
      const timer = new AbortController();
      this.#wake = () => timer.abort();
      if (!this.#isPoked) await clock.sleep(pauseMs(), timer.signal);
      // Before the work: what is told during it may not have been seen.
      this.#isPoked = false;
      if (!this.#isStopped) await work();
    }
  }
}
