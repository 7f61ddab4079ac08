import { type Clock, MosaicError } from "@mosaic/core";

/** A limit in time, and by a caller's signal, that work can be raced against. Disposal lifts it. */
export interface Deadline extends Disposable {
  readonly isLate: boolean;
  /** The work's own result, or a rejection as soon as the limit is reached; the work itself is not stopped. */
  race<T>(work: Promise<T>): Promise<T>;
}

/** Starts a limit that ends in `late()` after `timeoutMs`, or in MosaicError `CANCELLED` when the signal aborts first. */
export function startDeadline(clock: Clock, timeoutMs: number, signal: AbortSignal, late: () => MosaicError): Deadline {
  const over = new AbortController();
  const limit = Promise.withResolvers<never>();
  let isLate = false;
  // Nobody may be racing when it ends.
  limit.promise.catch(() => {});
  void clock.sleep(timeoutMs, AbortSignal.any([signal, over.signal])).then(() => {
    if (over.signal.aborted) return;
    isLate = !signal.aborted;
    limit.reject(isLate ? late() : new MosaicError("CANCELLED", "interrupted", { cause: signal.reason }));
  });
  return {
    get isLate() {
      return isLate;
    },
    race: (work) => Promise.race([work, limit.promise]),
    [Symbol.dispose]: () => over.abort(),
  };
}
