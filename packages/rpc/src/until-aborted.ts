/** Passes a stream through until it ends or the signal aborts, which ends it quietly, also while a message is awaited that may
 *  never come. The source is let go of then. */
export async function* untilAborted<T>(messages: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T, undefined> {
  const source = messages[Symbol.asyncIterator]();
  let stop = () => {};
  const onAbort = () => stop();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    while (!signal.aborted) {
      // A waiter for each message: a race against one promise for all of them would keep something of each to the end.
      const next = await new Promise<IteratorResult<T>>((resolve, reject) => {
        stop = () => resolve({ done: true, value: undefined });
        source.next().then(resolve, reject);
      });
      if (next.done || signal.aborted) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    // It may be waiting for a message, and then comes back only when the call is gone.
    void source.return?.()?.catch(() => {});
  }
}
