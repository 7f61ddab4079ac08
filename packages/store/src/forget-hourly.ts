import { type Clock, type Log, type MessageStore, MosaicError } from "@mosaic/core";

const HOUR_MS = 3_600_000;

/** Lets a store forget what is long over, at once and then each hour. Disposing ends it. */
export function forgetHourly(store: MessageStore, clock: Clock, log: Log): AsyncDisposable {
  const stop = new AbortController();
  const run = async () => {
    while (!stop.signal.aborted) {
      await store.forget(clock.nowUnixMs()).then(
        (count) => count > 0 && log.info({ count }, "messages that were long over are forgotten"),
        (thrown: unknown) =>
          log.warn({ error: MosaicError.from(thrown).message }, "old messages could not be forgotten; again in an hour"),
      );
      await clock.sleep(HOUR_MS, stop.signal);
    }
  };
  const running = run();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}
