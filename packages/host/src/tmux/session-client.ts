import { type Clock, type Log, MosaicError } from "@mosaic/core";
import type { AttachGate } from "./attach-gate.ts";
import { type ControlConnection, startControlConnection } from "./control-connection.ts";
import type { OutputLineListener } from "./control-protocol.ts";
import { startDeadline } from "./deadline.ts";
import { refusalMeans } from "./tmux-errors.ts";
import type { TmuxProgram } from "./tmux-program.ts";

export interface SessionClientDeps {
  readonly tmux: TmuxProgram;
  readonly gate: AttachGate;
  readonly clock: Clock;
  readonly log: Log;
}

export interface SessionClientOptions {
  readonly session: string;
  /** Besides `read-only,ignore-size`. */
  readonly moreFlags?: readonly string[];
  /** The largest reply to what this client asks. */
  readonly maxReplyBytes: number;
  /** A client is attached: the first one, or another one after an end that was not the session's. */
  readonly onAttached: (connection: ControlConnection) => void;
  readonly onNotification: (name: string, rest: string) => void;
  readonly onOutput?: OutputLineListener;
}

/** Keeps a client of its own attached to a session until `over`, or until the session is gone, which is when it resolves.
 *  The client is read-only and has no say in the window's size. Its pipe is always read, so that it never slows the session
 *  down. */
export async function keepSessionClient(
  deps: SessionClientDeps,
  options: SessionClientOptions,
  over: AbortSignal,
): Promise<void> {
  while (await attachOnce(deps, options, over)) await deps.clock.sleep(REATTACH_MS, over);
}

/** Ends a session's client at a moment that suits the server. A kept client is then attached anew. */
export async function leaveSession({ gate, clock }: SessionClientDeps, connection: ControlConnection): Promise<void> {
  await gate.disturb(async () => {
    await connection[Symbol.asyncDispose]();
    await clock.sleep(FAREWELL_MS, new AbortController().signal);
  });
}

/** After somebody detached our client. Long enough not to fight with them, short enough not to be noticed. */
const REATTACH_MS = 200;
const ATTACH_DEADLINE_MS = 5_000;
/** tmux tells the others of a client's end right after its process has ended; until then {@link AttachGate} stays shut. */
const FAREWELL_MS = 10;

// One client from start to end; false when there is nothing to attach to any more.
async function attachOnce(deps: SessionClientDeps, options: SessionClientOptions, over: AbortSignal): Promise<boolean> {
  const connection = await deps.gate.attach(() => attach(deps, options, over));
  if (typeof connection === "string") return connection === "try again";
  options.onAttached(connection);
  const end = () => void leaveSession(deps, connection);
  over.addEventListener("abort", end, { once: true });
  if (over.aborted) end();
  await connection.closed;
  over.removeEventListener("abort", end);
  return !over.aborted;
}

async function attach(
  deps: SessionClientDeps,
  options: SessionClientOptions,
  over: AbortSignal,
): Promise<ControlConnection | "try again" | "gone"> {
  if (over.aborted) return "gone";
  const connection = startSessionConnection(deps, options);
  const late = () => new MosaicError("MACHINE", `tmux took no client within ${ATTACH_DEADLINE_MS} ms`);
  using deadline = startDeadline(deps.clock, ATTACH_DEADLINE_MS, over, late);
  const attached = deadline.race(connection.attached);
  const result = await attached.catch((error: unknown) => ({ kind: "failed" as const, error: MosaicError.from(error) }));
  if (result.kind === "attached") return connection;
  await connection[Symbol.asyncDispose]();
  if (over.aborted || (result.kind === "refused" && refusalMeans(result.reason) !== "trouble")) return "gone";
  const error = result.kind === "failed" ? result.error.message : result.reason;
  deps.log.warn({ session: options.session, error }, "can't watch a session's output");
  return deadline.isLate ? "try again" : "gone";
}

function startSessionConnection(deps: SessionClientDeps, options: SessionClientOptions): ControlConnection {
  let sessionId: string | undefined;
  const connection = startControlConnection({
    tmux: deps.tmux,
    flags: ["read-only", "ignore-size", ...(options.moreFlags ?? [])].join(","),
    session: options.session,
    maxReplyBytes: options.maxReplyBytes,
    onOutput: options.onOutput,
    onNotification(name, rest) {
      options.onNotification(name, rest);
      if (name !== "session-changed") return;
      const [id] = rest.split(" ");
      sessionId ??= id;
      // With `detach-on-destroy off` tmux moves a client whose session ended to another one, which is not for us to see.
      if (id !== sessionId) void leaveSession(deps, connection);
    },
  });
  return connection;
}
