import { stat } from "node:fs/promises";
import { type Clock, type Log, MosaicError, type SessionLaunch, type SessionLauncher } from "@mosaic/core";
import { socketAnswers } from "../local-socket.ts";
import type { AttachGate } from "./attach-gate.ts";
import { type CommandLine, commandLine, formatLiteral } from "./command-line.ts";
import type { ControlClient } from "./control-client.ts";
import type { LineReply } from "./control-connection.ts";
import { SERVER_OPTIONS } from "./server-options.ts";
import { runTmux, type TmuxProgram } from "./tmux-program.ts";

export interface LauncherDeps {
  readonly tmux: TmuxProgram;
  /** Made by `startSession` too when no server runs: without a holder the first agent to end would take the server along. */
  readonly holderSession: string;
  readonly client: ControlClient;
  readonly gate: AttachGate;
  readonly clock: Clock;
  readonly log: Log;
}

/** Starts and ends sessions on one private server. */
export function createSessionLauncher(deps: LauncherDeps): SessionLauncher {
  return {
    ensureHolder: (session, signal) => ensureHolder(deps, session, signal),
    startSession: (launch, signal) => startSession(deps, launch, signal),
    endSession: (session, signal) => endSession(deps, session, signal),
    endServer: (signal) => endServer(deps, signal),
  };
}

/** A machine that swaps takes seconds to start its first server. */
const START_DEADLINE_MS = 10_000;
const END_DEADLINE_MS = 5_000;
const END_POLL_MS = 20;
const DEFAULT_COLUMNS = 120;
const DEFAULT_ROWS = 40;

async function ensureHolder(deps: LauncherDeps, session: string, signal: AbortSignal): Promise<void> {
  assertStartable(session);
  const found = await run(deps, "has-session", [commandLine(["has-session", "-t", `=${session}:`])], signal);
  if (found?.[0]?.isOk !== true) await startHolder(deps, session, signal);
  const replies = await run(deps, "set-option", SERVER_OPTIONS, signal);
  if (replies === undefined) throw new MosaicError("MACHINE", `the tmux server on socket "${deps.tmux.socketName}" ended at once`);
  for (const { isOk, message } of replies) {
    if (!isOk) deps.log.debug({ socket: deps.tmux.socketName, message }, "this tmux does not take an option");
  }
}

// The only command here that may start a server, and so a process of its own.
async function startHolder({ tmux, client, gate }: LauncherDeps, session: string, signal: AbortSignal): Promise<void> {
  // Two words, so that tmux runs the program itself and no shell; it does nothing, in 1 MB.
  const command = ["new-session", "-d", "-s", session, "--", "tail", "-f", "/dev/null"];
  const options = { startsServer: true, timeoutMs: START_DEADLINE_MS, signal };
  const result = await gate.disturb(() => runTmux(tmux, command, options));
  if (result.exitCode !== 0 && !isDuplicate(result.stderr)) {
    const why = result.stderr.trim() || `exit code ${result.exitCode}`;
    throw new MosaicError("MACHINE", `cannot start a tmux server on socket "${tmux.socketName}": ${why}`);
  }
  client.wake();
}

async function startSession(deps: LauncherDeps, launch: SessionLaunch, signal: AbortSignal): Promise<"started" | "exists"> {
  assertStartable(launch.session);
  await assertFolder(launch.workingDirectory);
  const line = newSessionLine(launch);
  let replies = await change(deps, "new-session", line, signal);
  if (replies === undefined) {
    await ensureHolder(deps, deps.holderSession, signal);
    replies = await change(deps, "new-session", line, signal);
  }
  const reply = replies?.[0];
  if (reply?.isOk) return "started";
  if (reply !== undefined && isDuplicate(reply.message)) return "exists";
  throw new MosaicError("MACHINE", `cannot start session "${launch.session}": ${reply?.message ?? "the tmux server ended"}`);
}

function newSessionLine(launch: SessionLaunch): CommandLine {
  const { session, argv, env, workingDirectory, columns = DEFAULT_COLUMNS, rows = DEFAULT_ROWS } = launch;
  // -E: not the variables of whoever asks, only the server's and those given here.
  const options = ["-d", "-E", "-s", session, "-x", `${columns}`, "-y", `${rows}`, "-c", formatLiteral(workingDirectory)];
  const variables = Object.entries(env).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
  // tmux hands a single word to a shell; `nice -n 0` makes it two and runs the program in its own place.
  const program = argv.length === 1 ? ["nice", "-n", "0", ...argv] : argv;
  return commandLine(
    ["new-session", ...options, ...variables, "--", ...program],
    // In the same line, so that a program that ends at once still leaves its screen.
    ["set-option", "-w", "-t", `=${session}:`, "remain-on-exit", "on"],
  );
}

async function endSession(deps: LauncherDeps, session: string, signal: AbortSignal): Promise<"ended" | "absent"> {
  const id = await findSessionId(deps, session, signal);
  if (id === undefined) return "absent";
  // By id, which names one session for the life of the server; a name could be read as that of a client.
  const kill = change(deps, "kill-session", commandLine(["kill-session", "-t", id]), signal);
  const failure = await kill.then((replies) => replies?.[0]?.message, (error: unknown) => MosaicError.from(error));
  if (failure === undefined || failure === "") return "ended";
  // With its last session the server ends, and may take the answer along.
  if ((await findSessionId(deps, session, signal)) !== id) return "ended";
  throw failure instanceof MosaicError ? failure : new MosaicError("MACHINE", `cannot end session "${session}": ${failure}`);
}

async function findSessionId(deps: LauncherDeps, session: string, signal: AbortSignal): Promise<string | undefined> {
  const replies = await run(deps, "list-sessions", [commandLine(["list-sessions", "-F", "#{session_id} #{session_name}"])], signal);
  const lines = replies?.[0]?.outputs[0] ?? [];
  return lines.find((line) => line.slice(line.indexOf(" ") + 1) === session)?.split(" ", 1)[0];
}

async function endServer(deps: LauncherDeps, signal: AbortSignal): Promise<void> {
  const { tmux, clock, gate } = deps;
  const startedMs = clock.monotonicMs();
  if (!(await socketAnswers(tmux.socketPath, END_DEADLINE_MS))) return;
  const { stderr } = await gate.disturb(() => runTmux(tmux, ["kill-server"], { timeoutMs: END_DEADLINE_MS, signal }));
  while (await socketAnswers(tmux.socketPath, END_DEADLINE_MS)) {
    if (signal.aborted) throw new MosaicError("CANCELLED", "interrupted");
    if (clock.monotonicMs() - startedMs > 2 * END_DEADLINE_MS) {
      throw new MosaicError("MACHINE", `the tmux server on socket "${tmux.socketName}" does not end: ${stderr.trim()}`);
    }
    await clock.sleep(END_POLL_MS, signal);
  }
  // Answers once our own client has noticed; the next command would else be sent to the dead.
  await run(deps, "list-sessions", [commandLine(["list-sessions"])], signal);
}

type Replies = Promise<readonly LineReply[] | undefined>;

function run({ client }: LauncherDeps, what: string, lines: readonly CommandLine[], signal: AbortSignal): Replies {
  return client.run(lines, { what, signal, isRepeatable: true });
}

function change({ client }: LauncherDeps, what: string, line: CommandLine, signal: AbortSignal): Replies {
  return client.run([line], { what, signal, isRepeatable: false, isDisturbing: true });
}

function isDuplicate(message: string): boolean {
  return message.includes("duplicate session");
}

// tmux before 3.7 turns dots and colons into `_` without a word; `#` starts a format, and a first `$` or `=` a way to
// name a session by something else.
function assertStartable(session: string): void {
  if (/^[^.:#\p{Cc}$=\s][^.:#\p{Cc}]*$/u.test(session)) return;
  throw new MosaicError("USAGE", `${JSON.stringify(session)} can't be the name of a tmux session`, {
    hint: "use letters, digits, - and _",
  });
}

// tmux would start the program in the home directory instead, without a word.
async function assertFolder(path: string): Promise<void> {
  const isFolder = await stat(path).then((entry) => entry.isDirectory(), () => false);
  if (isFolder) return;
  throw new MosaicError("MACHINE", `cannot start in "${path}": there is no such folder`, { hint: `mkdir -p ${path}` });
}
