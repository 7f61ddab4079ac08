import type { Clock } from "@mosaic/core";
import type { HostTable } from "./host-table.ts";

/** How often ways are compared, in ms: what changes with news is seen at once, only ages change without. */
const EVERY_MS = 2000;

/** Lets fresher ways to hosts take over from now on. Disposing ends it. */
export function startReelection(table: Pick<HostTable, "reelect">, clock: Clock): AsyncDisposable {
  const stop = new AbortController();
  const run = async () => {
    while (!stop.signal.aborted) {
      await clock.sleep(EVERY_MS, stop.signal);
      if (!stop.signal.aborted) table.reelect();
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
