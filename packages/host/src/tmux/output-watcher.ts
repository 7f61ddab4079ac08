import { type Clock, type Log, MosaicError } from "@mosaic/core";
import type { AttachGate } from "./attach-gate.ts";
import { tellsOfOutput } from "./change-notices.ts";
import { createCoalescer } from "./coalesce.ts";
import { type ControlConnection, startControlConnection } from "./control-connection.ts";
import { startDeadline } from "./deadline.ts";
import { refusalMeans } from "./tmux-errors.ts";
import type { TmuxProgram } from "./tmux-program.ts";

export interface OutputWatchDeps {
  readonly tmux: TmuxProgram;
  readonly gate: AttachGate;
  readonly clock: Clock;
  readonly log: Log;
}

/** Attaches a client of its own to a session and calls back, at most once per 10 ms, when that may show something else, and
 *  once when the session is gone. The client is read-only and has no say in the window's size. Its pipe is always read and
 *  nothing of it kept, so that a watcher never slows the session down. */
export function watchSessionOutput(
  deps: OutputWatchDeps,
  session: string,
  listener: (event: "output" | "ended") => void,
): AsyncDisposable {
  const over = new AbortController();
  const output = createCoalescer(deps.clock, COALESCE_MS, () => listener("output"));
  const watching = (async () => {
    while (await watchOnce(deps, session, () => output.poke(), over.signal)) await deps.clock.sleep(REATTACH_MS, over.signal);
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
/** After somebody detached our client. Long enough not to fight with them, short enough not to be noticed. */
const REATTACH_MS = 200;
const ATTACH_DEADLINE_MS = 5_000;
/** tmux tells the others of a client's end right after its process has ended; until then {@link AttachGate} stays shut. */
const FAREWELL_MS = 10;
/** This client sends no commands, so that only the answer to its own start comes. */
const MAX_REPLY_BYTES = 65_536;

// One client from start to end; false when there is nothing to attach to any more.
async function watchOnce(deps: OutputWatchDeps, session: string, onOutput: () => void, over: AbortSignal): Promise<boolean> {
  const connection = await deps.gate.attach(() => attach(deps, session, onOutput, over));
  if (typeof connection === "string") return connection === "try again";
  // What was printed before this moment was not told.
  onOutput();
  const end = () => void leave(deps, connection);
  over.addEventListener("abort", end, { once: true });
  if (over.aborted) end();
  await connection.closed;
  over.removeEventListener("abort", end);
  return !over.aborted;
}

async function attach(
  deps: OutputWatchDeps,
  session: string,
  onOutput: () => void,
  over: AbortSignal,
): Promise<ControlConnection | "try again" | "gone"> {
  if (over.aborted) return "gone";
  const connection = startWatchConnection(deps, session, onOutput);
  const late = () => new MosaicError("MACHINE", `tmux took no client within ${ATTACH_DEADLINE_MS} ms`);
  using deadline = startDeadline(deps.clock, ATTACH_DEADLINE_MS, over, late);
  const attached = deadline.race(connection.attached);
  const result = await attached.catch((error: unknown) => ({ kind: "failed" as const, error: MosaicError.from(error) }));
  if (result.kind === "attached") return connection;
  await connection[Symbol.asyncDispose]();
  if (over.aborted || (result.kind === "refused" && refusalMeans(result.reason) !== "trouble")) return "gone";
  const error = result.kind === "failed" ? result.error.message : result.reason;
  deps.log.warn({ session, error }, "can't watch a session's output");
  return deadline.isLate ? "try again" : "gone";
}

function startWatchConnection(deps: OutputWatchDeps, session: string, onOutput: () => void): ControlConnection {
  let sessionId: string | undefined;
  const connection = startControlConnection({
    tmux: deps.tmux,
    flags: "read-only,ignore-size",
    session,
    maxReplyBytes: MAX_REPLY_BYTES,
    onNotification(name, rest) {
      if (tellsOfOutput(name)) onOutput();
      if (name !== "session-changed") return;
      const [id] = rest.split(" ");
      sessionId ??= id;
      // With `detach-on-destroy off` tmux moves a client whose session ended to another one, which is not for us to see.
      if (id !== sessionId) void leave(deps, connection);
    },
  });
  return connection;
}

async function leave({ gate, clock }: OutputWatchDeps, connection: ControlConnection): Promise<void> {
  await gate.disturb(async () => {
    await connection[Symbol.asyncDispose]();
    await clock.sleep(FAREWELL_MS, new AbortController().signal);
  });
}
