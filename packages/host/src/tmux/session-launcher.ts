import { stat } from "node:fs/promises";
import { MosaicError, type SessionLaunch, type SessionLauncher } from "@mosaic/core";
import { type CommandLine, commandLine, formatLiteral } from "./command-line.ts";
import type { LineReply } from "./control-connection.ts";
import { endServer, ensureHolder, type LauncherDeps } from "./server-lifetime.ts";
import { assertStartable, isDuplicate } from "./session-names.ts";

/** Starts and ends sessions on one private server. */
export function createSessionLauncher(deps: LauncherDeps): SessionLauncher {
  return {
    ensureHolder: (session, signal) => ensureHolder(deps, session, signal),
    startSession: (launch, signal) => startSession(deps, launch, signal),
    endSession: (session, signal) => endSession(deps, session, signal),
    endServer: (signal) => endServer(deps, signal),
  };
}

const DEFAULT_COLUMNS = 120;
const DEFAULT_ROWS = 40;

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
  const failure = await kill.then(
    (replies) => replies?.[0]?.message,
    (error: unknown) => MosaicError.from(error),
  );
  if (failure === undefined || failure === "") return "ended";
  // With its last session the server ends, and may take the answer along.
  if ((await findSessionId(deps, session, signal)) !== id) return "ended";
  throw failure instanceof MosaicError ? failure : new MosaicError("MACHINE", `cannot end session "${session}": ${failure}`);
}

async function findSessionId(deps: LauncherDeps, session: string, signal: AbortSignal): Promise<string | undefined> {
  const replies = await run(
    deps,
    "list-sessions",
    [commandLine(["list-sessions", "-F", "#{session_id} #{session_name}"])],
    signal,
  );
  const lines = replies?.[0]?.outputs[0] ?? [];
  return lines.find((line) => line.slice(line.indexOf(" ") + 1) === session)?.split(" ", 1)[0];
}

// tmux would start the program in the home directory instead, without a word.
async function assertFolder(path: string): Promise<void> {
  const isFolder = await stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  if (isFolder) return;
  throw new MosaicError("MACHINE", `cannot start in "${path}": there is no such folder`, { hint: `mkdir -p ${path}` });
}

type Replies = Promise<readonly LineReply[] | undefined>;

function run({ client }: LauncherDeps, what: string, lines: readonly CommandLine[], signal: AbortSignal): Replies {
  return client.run(lines, { what, signal, isRepeatable: true });
}

function change({ client }: LauncherDeps, what: string, line: CommandLine, signal: AbortSignal): Replies {
  return client.run([line], { what, signal, isRepeatable: false, isDisturbing: true });
}
