import { type Clock, type Log, MosaicError } from "@mosaic/core";

/** Between two tries, in ms: a disk that is full stays so for a while. */
const AGAIN_MS = 1000;

/** Does what has to be written down until it is: something happened that can't be taken back. Gives up when the signal aborts;
 *  then a restart finds out what happened. */
export async function surely(
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  write: () => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  for (let tries = 1; !signal.aborted; tries += 1) {
    try {
      await write();
      return;
    } catch (thrown) {
      const error = MosaicError.from(thrown);
      if (error.code !== "STORE_UNAVAILABLE") throw error;
      if (tries === 1) log.error({ error: error.message }, "what became of a message can't be written down; it is tried again");
      await clock.sleep(AGAIN_MS, signal);
    }
  }
}
