/** What to do along a stream of messages; each step is optional. */
export interface MessageSteps<T> {
  /** Sees each message before it is passed on; may throw to end the stream. */
  readonly onMessage?: (message: T) => void;
  /** Runs when the stream ended by itself; may throw to make that a failure. */
  readonly onDone?: () => void;
  /** Turns what the stream failed with into what is thrown on. */
  readonly onError?: (thrown: unknown) => unknown;
  /** Runs once, when the stream ended, failed or was left; with the error if it failed. */
  readonly onEnd?: (thrown: unknown) => void;
}

/** Passes a stream through some steps, keeping its back-pressure and its early return. Whoever reads asks for one message at a time. */
export function mapMessages<T>(messages: AsyncIterable<T>, steps: MessageSteps<T>): MappedMessages<T> {
  return new MappedMessages(messages, steps);
}

/** What `mapMessages` makes. By hand and not as a generator: a stream passes several of these, and each generator costs more for each
 *  message and keeps its frame as long as the stream lasts. */
export class MappedMessages<T> implements AsyncIterableIterator<T, undefined> {
  readonly #messages: AsyncIterable<T>;
  readonly #steps: MessageSteps<T>;
  #source: AsyncIterator<T> | undefined;
  #isOver = false;
  #isTold = false;

  constructor(messages: AsyncIterable<T>, steps: MessageSteps<T>) {
    this.#messages = messages;
    this.#steps = steps;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#isOver) return Promise.resolve(over);
    this.#source ??= this.#messages[Symbol.asyncIterator]();
    return this.#source.next().then(this.#pass, this.#fail);
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    const source = this.#leave();
    try {
      await source?.return?.();
    } catch (thrown) {
      return this.#failed(thrown);
    }
    this.#end(undefined);
    return over;
  }

  async throw(thrown: unknown): Promise<IteratorResult<T, undefined>> {
    return await this.#refuse(thrown);
  }

  readonly #pass = (result: IteratorResult<T>): IteratorResult<T, undefined> | Promise<never> => {
    if (this.#isOver) return over;
    try {
      if (!result.done) {
        this.#steps.onMessage?.(result.value);
        return result;
      }
      this.#steps.onDone?.();
    } catch (thrown) {
      return this.#refuse(thrown);
    }
    this.#leave();
    this.#end(undefined);
    return over;
  };

  readonly #fail = (thrown: unknown): never => {
    if (this.#isOver) throw thrown;
    this.#leave();
    return this.#failed(thrown);
  };

  async #refuse(thrown: unknown): Promise<never> {
    const source = this.#leave();
    // It is told what it was refused for; what it ends with is no news beside that.
    await source?.return?.().catch(() => {});
    return this.#failed(thrown);
  }

  /** @returns the source, if it was asked for anything and is not over */
  #leave(): AsyncIterator<T> | undefined {
    this.#isOver = true;
    const source = this.#source;
    this.#source = undefined;
    return source;
  }

  #failed(thrown: unknown): never {
    const failure = this.#steps.onError && !this.#isTold ? this.#steps.onError(thrown) : thrown;
    this.#end(failure);
    throw failure;
  }

  // After the source has ended: who counts what runs counts that too.
  #end(thrown: unknown): void {
    if (this.#isTold) return;
    this.#isTold = true;
    this.#steps.onEnd?.(thrown);
  }
}

const over = { done: true, value: undefined } as const;
