import { type Clock, MosaicError } from "@mosaic/core";
import type { AttachGate } from "./attach-gate.ts";
import { WATCH_ALL_PANES } from "./change-notices.ts";
import { commandLine } from "./command-line.ts";
import { ConnectionLost, type ControlConnection, startControlConnection } from "./control-connection.ts";
import { startDeadline } from "./deadline.ts";
import { refusalMeans } from "./tmux-errors.ts";
import type { TmuxProgram } from "./tmux-program.ts";

export interface AttachOptions {
  readonly tmux: TmuxProgram;
  readonly clock: Clock;
  /** Attached to by preference: it is there for this. */
  readonly holderSession: string;
  readonly gate: AttachGate;
  readonly onNotification: (name: string, rest: string) => void;
  readonly signal: AbortSignal;
}

export type AttachOutcome =
  | { readonly kind: "attached"; readonly connection: ControlConnection; readonly pasteFlags: readonly string[] }
  /** No server listens on the socket. */
  | { readonly kind: "no-server" }
  /** A server is there, but no session: it is just starting or just ending. */
  | { readonly kind: "no-session" }
  | { readonly kind: "failed"; readonly error: MosaicError };

/** Connects one control client for commands and notices, without ever starting a server.
 *
 *  It is not a read-only client: tmux up to 3.7 lets a read-only control client run everything, but only by omission, and its
 *  list of commands allowed to one has neither list-panes nor capture-pane. `ignore-size` and `no-output` keep it from
 *  mattering to windows and from hearing what they print. */
export async function attachForCommands(options: AttachOptions): Promise<AttachOutcome> {
  try {
    const toHolder = await options.gate.attach(() => attachTo(options, options.holderSession));
    if (toHolder.kind !== "no-session") return toHolder;
    // A fleet whose holder was ended by mistake is still to be seen.
    return await options.gate.attach(() => attachTo(options, undefined));
  } catch (error) {
    return toFailure(error);
  }
}

/** A server that is stopped or starved gets as long for this as for any command. */
const ATTACH_DEADLINE_MS = 5_000;
/** A capture of 5,000 lines of history, 200 columns, full of colours, is about 4 MiB. */
const MAX_REPLY_BYTES = 16 * 1_048_576;

async function attachTo(options: AttachOptions, session: string | undefined): Promise<AttachOutcome> {
  const { tmux, onNotification } = options;
  const flags = "ignore-size,no-output";
  const connection = startControlConnection({ tmux, flags, session, maxReplyBytes: MAX_REPLY_BYTES, onNotification });
  const late = () =>
    new MosaicError("MACHINE", `tmux on socket "${tmux.socketName}" took no client within ${ATTACH_DEADLINE_MS} ms`);
  using deadline = startDeadline(options.clock, ATTACH_DEADLINE_MS, options.signal, late);
  const outcome = await deadline.race(prepare(options, connection)).catch(toFailure);
  if (outcome.kind !== "attached") await connection[Symbol.asyncDispose]();
  return outcome;
}

async function prepare({ tmux }: AttachOptions, connection: ControlConnection): Promise<AttachOutcome> {
  const result = await connection.attached;
  if (result.kind === "failed") return { kind: "failed", error: result.error };
  if (result.kind === "refused") return refusal(tmux, result.reason);
  try {
    const [watching, usage] = await connection.send([WATCH_ALL_PANES, PASTE_USAGE]);
    if (!watching?.isOk) return failed(`tmux on socket "${tmux.socketName}" refused to watch panes: ${watching?.message}`);
    return { kind: "attached", connection, pasteFlags: pasteFlags(usage?.outputs[0]?.[0] ?? "") };
  } catch (error) {
    if (error instanceof ConnectionLost) return { kind: "no-session" };
    throw error;
  }
}

function refusal(tmux: TmuxProgram, reason: string): AttachOutcome {
  const kind = refusalMeans(reason);
  if (kind !== "trouble") return { kind };
  return failed(`tmux refused a client on socket "${tmux.socketName}": ${reason || "it gave no reason"}`);
}

// tmux 3.7 began to rewrite control characters in pasted text; only there `-S` exists, which keeps them. `-p` brackets the
// paste for programs that asked for it, `-r` keeps line feeds, `-d` deletes the buffer.
const PASTE_USAGE = commandLine(["list-commands", "-F", "#{command_list_usage}", "paste-buffer"]);

function pasteFlags(usage: string): string[] {
  return /\[-[A-Za-z]*S/.test(usage) ? ["-p", "-r", "-d", "-S"] : ["-p", "-r", "-d"];
}

function toFailure(error: unknown): AttachOutcome {
  return { kind: "failed", error: MosaicError.from(error) };
}

function failed(message: string): AttachOutcome {
  return { kind: "failed", error: new MosaicError("MACHINE", message) };
}
