import type { Clock } from "@mosaic/core";

/** Gathers many pokes into few calls: the first poke calls at the end of the current step of work, later ones at most once
 *  per `intervalMs`, and the last poke is never forgotten. After disposal nothing is called. */
export function createCoalescer(clock: Clock, intervalMs: number, call: () => void): { poke(): void } & Disposable {
  const over = new AbortController();
  let isPoked = false;
  let isRunning = false;
  const run = async () => {
    isRunning = true;
    // One chunk of a pipe often holds several notices of one change; they are all in before the next microtask.
    await Promise.resolve();
    while (isPoked && !over.signal.aborted) {
      isPoked = false;
      call();
      await clock.sleep(intervalMs, over.signal);
    }
    isRunning = false;
  };
  return {
    poke() {
      isPoked = true;
      if (!isRunning && !over.signal.aborted) void run();
    },
    [Symbol.dispose]: () => over.abort(),
  };
}
