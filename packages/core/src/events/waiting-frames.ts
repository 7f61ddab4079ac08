/** What waits for a reader, so much and no more: a reader that is too slow is told how much it missed. */
export class WaitingFrames<T> {
  readonly #max: number;
  #waiting: T[] = [];
  #missed = 0;
  #wake = () => {};

  /** @param max how many may wait */
  constructor(max: number) {
    this.#max = max;
  }

  push(frame: T): void {
    if (this.#waiting.length >= this.#max) this.#missed += 1;
    else this.#waiting.push(frame);
    this.#wake();
  }

  /** Resolves with what waits, as soon as something does, and with how much found no place after it. Empty when the signal aborted. */
  async take(signal: AbortSignal): Promise<{ readonly frames: readonly T[]; readonly missed: number }> {
    if (this.#waiting.length === 0 && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal.addEventListener("abort", resolve, { once: true });
      });
      signal.removeEventListener("abort", this.#wake);
      this.#wake = () => {};
    }
    const taken = { frames: this.#waiting, missed: this.#missed };
    this.#waiting = [];
    this.#missed = 0;
    return taken;
  }
}
