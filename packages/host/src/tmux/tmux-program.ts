import { join } from "node:path";
import { MosaicError } from "@mosaic/core";
import { type ProgramResult, runProgram } from "../exec.ts";

/** Which tmux server is meant, and with which program it is reached. */
export interface TmuxProgram {
  readonly program: string;
  readonly socketName: string;
  /** Where that server listens. */
  readonly socketPath: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Names the tmux server of a private socket.
 *  @throws MosaicError `USAGE` for a name that is no file name, or that of the user's own default server. */
export function tmuxProgram(socketName: string, program = "tmux"): TmuxProgram {
  if (socketName === "default" || !/^[\w.+-]+$/.test(socketName) || /^\.\.?$/.test(socketName)) {
    throw new MosaicError("USAGE", `"${socketName}" can't be the name of a private tmux socket`, {
      hint: "set tmux.socket_name in the roster, for example to mosaic-factory",
    });
  }
  // TMUX would make tmux think that it runs inside another server, and give `-t` targets there a meaning.
  const { TMUX: _server, TMUX_PANE: _pane, ...rest } = process.env;
  const env = Object.fromEntries(Object.entries(rest).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  const folder = join(env["TMUX_TMPDIR"] || "/tmp", `tmux-${process.getuid?.() ?? 0}`);
  return { program, socketName, socketPath: join(folder, socketName), env };
}

/** The environment of a control client: what it takes to find the program and the socket. Variables are sent to the server
 *  one message each, and the fewer there are the sooner it is known there; see {@link AttachGate}. */
export function clientEnvironment({ env }: TmuxProgram): Record<string, string> {
  return Object.fromEntries(CLIENT_VARIABLES.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

const CLIENT_VARIABLES = ["PATH", "HOME", "TERM", "TMUX_TMPDIR"];

/** Arguments before every command: the private socket, no configuration of the user's, UTF-8 whatever the locale says
 *  (else tmux turns every other character into `_`), and no server started unless asked for. */
export function tmuxArgv(tmux: TmuxProgram, options: { readonly startsServer: boolean }): [string, ...string[]] {
  const noStart = options.startsServer ? [] : ["-N"];
  return [tmux.program, "-u", ...noStart, "-f", "/dev/null", "-L", tmux.socketName];
}

/** Runs one tmux command as a process of its own: only for what a control client can't do, which is to start the server, to
 *  end it, and to take standard input. Never run such a thing synchronously in a process that has a control client: the
 *  server waits for that client to read, and both stand still. */
export function runTmux(
  tmux: TmuxProgram,
  command: readonly string[],
  options: { readonly startsServer?: boolean; readonly stdin?: string; readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<ProgramResult> {
  const argv: [string, ...string[]] = [...tmuxArgv(tmux, { startsServer: options.startsServer ?? false }), ...command];
  const { stdin, timeoutMs, signal } = options;
  const running = runProgram({ argv, stdin, env: tmux.env, timeoutMs, maxOutputBytes: MAX_OUTPUT_BYTES, signal });
  return running.catch((error: unknown) => {
    // To callers a tmux that does not answer is a machine in trouble, however it was asked.
    if (error instanceof MosaicError && error.code === "DEADLINE")
      throw new MosaicError("MACHINE", error.message, { cause: error });
    throw error;
  });
}

/** These commands answer with one line of error text, if anything. */
const MAX_OUTPUT_BYTES = 65_536;
