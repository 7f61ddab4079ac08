import type { CommandDeps } from "../command.ts";
import type { Io } from "../io/io.ts";
import type { Place } from "../remote/endpoints.ts";
import type { ReceiptProgressOptions } from "./follow-receipt.ts";

/** What is shown of a message while a call waits for it. */
export interface ReceiptProgress extends AsyncDisposable {
  /** True once a server was heard to have the message. */
  isKnownTaken(): boolean;
}

/** Most messages are where they should be before anybody looks; then nothing is shown and no stream opened. In ms. */
const QUIET_MS = 300;

/** Shows on a terminal how far a message has come, on one line of stderr that is drawn over; says nothing elsewhere. Disposing
 *  wipes it away. */
export function showReceiptProgress(
  options: ReceiptProgressOptions,
  places: readonly Place[],
  io: Io,
  deps: CommandDeps,
): ReceiptProgress {
  const isShown = io.stderr.isTerminal && io.env["TERM"] !== "dumb" && !options.globals.isJson;
  if (!isShown) return { isKnownTaken: () => false, [Symbol.asyncDispose]: async () => {} };
  const stop = new AbortController();
  const signal = AbortSignal.any([io.signal, stop.signal]);
  let isTaken = false;
  let isDrawn = false;
  const draw = (line: string, isHeard: boolean) => {
    [isTaken, isDrawn] = [isTaken || isHeard, true];
    io.stderr.write(`\r\x1b[K${line}`);
  };
  const following = io.clock.sleep(QUIET_MS, signal).then(async () => {
    if (signal.aborted) return;
    const { followReceipt } = await import("./follow-receipt.ts");
    await followReceipt(options, { places, io, deps, signal, draw });
  });
  return {
    isKnownTaken: () => isTaken,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await following;
      if (isDrawn) io.stderr.write("\r\x1b[K");
    },
  };
}
