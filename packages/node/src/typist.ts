import type { TerminalKeyboard } from "@mosaic/core";
import { untilAborted } from "@mosaic/rpc";

/** Types what comes into one pane, in order and in the background. The next keys are read when those before are typed. */
export class Typist {
  readonly #keyboard: TerminalKeyboard;
  readonly #paneId: string;
  readonly #onTyped: () => void;
  readonly #stop = new AbortController();
  readonly #idle = new AbortController();
  #work: Promise<unknown> = Promise.resolve(undefined);
  /** Handed to the terminal so far. */
  bytes = 0;

  /** @param onTyped called before keys are handed over */
  constructor(keyboard: TerminalKeyboard, paneId: string, onTyped: () => void = () => {}) {
    this.#keyboard = keyboard;
    this.#paneId = paneId;
    this.#onTyped = onTyped;
  }

  /** Begins. @returns aborts when there is nothing more to type, because the keys ended or typing failed */
  start(input: AsyncIterable<Uint8Array>, signal: AbortSignal): AbortSignal {
    const until = AbortSignal.any([signal, this.#stop.signal]);
    this.#work = this.#type(input, until)
      // What fails because it was stopped did not fail.
      .then(
        () => undefined,
        (thrown: unknown) => (until.aborted ? undefined : thrown),
      )
      .finally(() => this.#idle.abort());
    return this.#idle.signal;
  }

  /** Types no more. @returns what typing failed with before; undefined: it did not */
  stop(): Promise<unknown> {
    this.#stop.abort();
    return this.#work;
  }

  async #type(input: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    for await (const data of untilAborted(input, signal)) {
      // Counted first: of what is interrupted nobody can tell how much was typed.
      this.bytes += data.length;
      this.#onTyped();
      await this.#keyboard.typeBytes(this.#paneId, data, signal);
    }
  }
}
