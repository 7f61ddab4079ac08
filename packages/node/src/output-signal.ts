import type { TerminalServer } from "@mosaic/core";

/** Turns "something was printed" callbacks into something to wait for, without queueing: many outputs between two waits
 *  are one. */
export class OutputSignal implements AsyncDisposable {
  readonly #watch: AsyncDisposable;
  readonly #signal: AbortSignal;
  #isPending = false;
  #isOver = false;
  #wake = () => {};

  /** Watches a session until disposed. */
  static watch(terminal: TerminalServer, session: string, signal: AbortSignal): OutputSignal {
    return new OutputSignal(terminal, session, signal);
  }

  private constructor(terminal: TerminalServer, session: string, signal: AbortSignal) {
    this.#signal = signal;
    this.#watch = terminal.watchOutput(session, (event) => {
      if (event === "ended") this.#isOver = true;
      else this.#isPending = true;
      this.#wake();
    });
    signal.addEventListener("abort", () => this.#wake(), { once: true });
  }

  /** Resolves once there was output since the last call, or when there will be no more. */
  async next(): Promise<"output" | "over"> {
    while (!this.#isPending && !this.#isOver && !this.#signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#isOver || this.#signal.aborted) return "over";
    this.#isPending = false;
    return "output";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]();
  }
}
