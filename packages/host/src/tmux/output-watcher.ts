import { tellsOfOutput } from "./change-notices.ts";
import { createCoalescer } from "./coalesce.ts";
import type { ControlConnection } from "./control-connection.ts";
import { keepSessionClient, leaveSession, type SessionClientDeps } from "./session-client.ts";

/** Attaches a client of its own to a session and calls back, at most once per 10 ms, when that may show something else, and
 *  once when the session is gone. The client is read-only and has no say in the window's size. Its pipe is always read and
 *  nothing of it kept, so that a watcher never slows the session down; should this process stand still, tmux drops output after
 *  5 s instead of gathering it without bound. */
export function watchSessionOutput(
  deps: SessionClientDeps,
  session: string,
  listener: (event: "output" | "ended") => void,
): AsyncDisposable {
  const over = new AbortController();
  const output = createCoalescer(deps.clock, COALESCE_MS, () => listener("output"));
  let current: ControlConnection | undefined;
  const options = {
    session,
    moreFlags: [`pause-after=${PAUSE_AFTER_S}`],
    maxReplyBytes: MAX_REPLY_BYTES,
    onAttached(connection: ControlConnection) {
      current = connection;
      // What was printed before this moment was not told.
      output.poke();
    },
    onNotification(name: string) {
      if (tellsOfOutput(name)) output.poke();
      // tmux tells this client no more of that pane: another one is the shortest way on, as read-only clients can ask nothing.
      if (name === "pause" && current !== undefined) void leaveSession(deps, current);
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
/** As for those who take the output itself: see followSession. */
const PAUSE_AFTER_S = 5;
/** This client sends no commands, so that only the answer to its own start comes. */
const MAX_REPLY_BYTES = 65_536;
