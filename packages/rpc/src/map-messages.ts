/** What to do along a stream of messages; each step is optional. */
export interface MessageSteps<T> {
  /** Sees each message before it is passed on; may throw to end the stream. */
  readonly onMessage?: (message: T) => void;
  /** Turns what the stream failed with into what is thrown on. */
  readonly onError?: (thrown: unknown) => unknown;
  /** Runs once, when the stream ended, failed or was left; with the error if it failed. */
  readonly onEnd?: (thrown: unknown) => void;
}

/** Passes a stream through some steps, keeping its back-pressure and its early return. */
export async function* mapMessages<T>(messages: AsyncIterable<T>, steps: MessageSteps<T>): AsyncGenerator<T> {
  let failure: unknown;
  try {
    for await (const message of messages) {
      steps.onMessage?.(message);
      yield message;
    }
  } catch (thrown) {
    failure = steps.onError ? steps.onError(thrown) : thrown;
    throw failure;
  } finally {
    steps.onEnd?.(failure);
  }
}
