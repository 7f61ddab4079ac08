import { MosaicError } from "@mosaic/core";
import { socketAnswers } from "../local-socket.ts";
import type { AttachOutcome } from "./attach.ts";
import type { CommandLine } from "./command-line.ts";
import { ConnectionLost, type LineReply } from "./control-connection.ts";
import { startDeadline } from "./deadline.ts";
import { type ReconnectingOptions, startReconnecting } from "./reconnecting.ts";

export interface RunOptions {
  /** The command's name, for errors. */
  readonly what: string;
  readonly signal: AbortSignal;
  /** True when the lines may run a second time after the server went away in the middle. */
  readonly isRepeatable: boolean;
  /** True for what other control clients are told of. Default false. */
  readonly isDisturbing?: boolean;
}

/** The one client through which all commands for a server go, for as long as this process wants it. */
export interface ControlClient extends AsyncDisposable {
  /** Runs lines in order, at once, and answers with one reply for each; undefined when no server with a session is there.
   *  @throws MosaicError `MACHINE` when tmux does not answer within 5 s or ends meanwhile, `CANCELLED` */
  run(lines: readonly CommandLine[], options: RunOptions): Promise<readonly LineReply[] | undefined>;
  /** Flags for paste-buffer that leave pasted bytes as they are, as the connected server understands them. */
  pasteFlags(): readonly string[];
  /** Looks for the server at once instead of after the next pause. */
  wake(): void;
}

/** Starts to keep one control client connected to the server whenever there is one. */
export function startControlClient(options: ReconnectingOptions): ControlClient {
  const { tmux, clock } = options;
  const link = startReconnecting(options);
  let flags: readonly string[] = [];

  // An attempt that began before the look at the socket may have missed a server that was just starting.
  const connected = async (): Promise<(AttachOutcome & { kind: "attached" }) | undefined> => {
    for (;;) {
      const live = link.current();
      if (live !== undefined) return live;
      if (!(await socketAnswers(tmux.socketPath, SOCKET_TIMEOUT_MS))) return undefined;
      const outcome = await link.nextOutcome();
      if (outcome.kind === "failed") throw outcome.error;
      if (outcome.kind !== "attached") return undefined;
    }
  };

  const runOnce = async (lines: readonly CommandLine[], { signal, isDisturbing }: RunOptions) => {
    const live = await connected();
    if (live === undefined) return undefined;
    flags = live.pasteFlags;
    if (isDisturbing !== true) return live.connection.send(lines);
    return options.gate.disturb(async () => {
      // Whoever gave up while it waited was told that nothing happened.
      signal.throwIfAborted();
      return live.connection.send(lines);
    });
  };

  return {
    async run(lines, runOptions) {
      const { what, signal, isRepeatable } = runOptions;
      const socket = `socket "${tmux.socketName}"`;
      const late = () => new MosaicError("MACHINE", `tmux on ${socket} did not answer ${what} within ${COMMAND_DEADLINE_MS} ms`);
      using deadline = startDeadline(clock, COMMAND_DEADLINE_MS, signal, late);
      for (;;) {
        try {
          return await deadline.race(runOnce(lines, runOptions));
        } catch (error) {
          // A server that hangs may be hanging on this client: the next command gets a new one.
          if (deadline.isLate) link.drop();
          if (!(error instanceof ConnectionLost)) throw error;
          if (!isRepeatable) throw new MosaicError("MACHINE", `tmux on ${socket} ended during ${what}`, { cause: error });
        }
      }
    },
    pasteFlags: () => flags,
    wake: link.wake,
    [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
  };
}

const COMMAND_DEADLINE_MS = 5_000;
const SOCKET_TIMEOUT_MS = 1_000;
