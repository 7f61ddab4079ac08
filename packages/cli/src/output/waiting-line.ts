import type { Io } from "../io/io.ts";
import { beginningOf } from "./cell-width.ts";
import { plainText } from "./plain-text.ts";

/** What is over by then needs no line. In ms. */
const QUIET_MS = 300;
const TICK_MS = 1000;

/** Shows on a terminal, on one line of stderr that is drawn over, what is waited for and how long it has been; says nothing elsewhere
 *  and with --json. Disposing wipes it away.
 *  @param what as in `asking npm for the latest version` */
export function showWaiting(what: string, atMostMs: number, isJson: boolean, io: Io): AsyncDisposable {
  const { stderr, clock } = io;
  if (!stderr.isTerminal || io.env["TERM"] === "dumb" || isJson) return { [Symbol.asyncDispose]: async () => {} };
  const stop = new AbortController();
  const signal = AbortSignal.any([io.signal, stop.signal]);
  const startedMs = clock.monotonicMs();
  let isDrawn = false;
  const draw = () => {
    const seconds = Math.floor((clock.monotonicMs() - startedMs) / 1000);
    const line = `mosaic: ${plainText(what)} … ${seconds} s of at most ${Math.round(atMostMs / 1000)} s`;
    stderr.write(`\r\x1b[K${beginningOf(line, (stderr.columns || 80) - 1)}`);
    isDrawn = true;
  };
  const drawing = (async () => {
    await clock.sleep(QUIET_MS, signal);
    while (!signal.aborted) {
      draw();
      await clock.sleep(TICK_MS, signal);
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await drawing;
      if (isDrawn) stderr.write("\r\x1b[K");
    },
  };
}
