import { type Clock, MosaicError } from "@mosaic/core";

/** Does something that may hang, and gives up on it after a time or when the signal aborts.
 *  @throws MosaicError STORE_UNAVAILABLE when the time is over, CANCELLED when the signal aborted, or what the work failed with */
export async function withinTime<T>(
  clock: Clock,
  limit: { readonly timeoutMs: number; readonly what: string },
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const done = new AbortController();
  const over = new AbortController();
  const gaveUp = Promise.withResolvers<never>();
  void clock.sleep(limit.timeoutMs, AbortSignal.any([signal, done.signal])).then(() => {
    if (done.signal.aborted) return;
    over.abort();
    gaveUp.reject(
      signal.aborted
        ? new MosaicError("CANCELLED", "it is being stopped")
        : new MosaicError("STORE_UNAVAILABLE", `${limit.what} within ${limit.timeoutMs} ms`),
    );
  });
  try {
    return await Promise.race([work(AbortSignal.any([signal, over.signal])), gaveUp.promise]);
  } finally {
    done.abort();
  }
}
