import { tellsOfOutput } from "./change-notices.ts";
import { createCoalescer } from "./coalesce.ts";
import { keepSessionClient, type SessionClientDeps } from "./session-client.ts";

/** Attaches a client of its own to a session and calls back, at most once per 10 ms, when that may show something else, and
 *  once when the session is gone. The client is read-only and has no say in the window's size. Its pipe is always read and
 *  nothing of it kept, so that a watcher never slows the session down. */
export function watchSessionOutput(
  deps: SessionClientDeps,
  session: string,
  listener: (event: "output" | "ended") => void,
): AsyncDisposable {
  const over = new AbortController();
  const output = createCoalescer(deps.clock, COALESCE_MS, () => listener("output"));
  const options = {
    session,
    maxReplyBytes: MAX_REPLY_BYTES,
    // What was printed before this moment was not told.
    onAttached: () => output.poke(),
    onNotification(name: string) {
      if (tellsOfOutput(name)) output.poke();
    },
  };
  const watching = (async () => {
    await keepSessionClient(deps, options, over.signal);
    output[Symbol.dispose]();
    if (!over.signal.aborted) listener("ended");
  })();
  return {
    async [Symbol.asyncDispose]() {
      over.abort();
      output[Symbol.dispose]();
      await watching;
    },
  };
}

const COALESCE_MS = 10;
/** This client sends no commands, so that only the answer to its own start comes. */
const MAX_REPLY_BYTES = 65_536;
