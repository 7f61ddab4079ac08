import { rm } from "node:fs/promises";
import { type Clock, type Log, MosaicError } from "@mosaic/core";
import { socketAnswers } from "../local-socket.ts";
import type { AttachGate } from "./attach-gate.ts";
import { commandLine } from "./command-line.ts";
import type { ControlClient } from "./control-client.ts";
import { SERVER_OPTIONS } from "./server-options.ts";
import { assertStartable, isDuplicate } from "./session-names.ts";
import { runTmux, type TmuxProgram } from "./tmux-program.ts";

export interface LauncherDeps {
  readonly tmux: TmuxProgram;
  /** Made by `startSession` too when no server runs: without a holder the first agent to end would take the server along. */
  readonly holderSession: string;
  /** What runs in it. At least two words, so that tmux runs the program itself and no shell. */
  readonly holderProgram: readonly [string, string, ...string[]];
  readonly client: ControlClient;
  readonly gate: AttachGate;
  readonly clock: Clock;
  readonly log: Log;
}

/** Makes sure that the server runs, kept alive by a session that does nothing, and that it is set up for agents. */
export async function ensureHolder(deps: LauncherDeps, session: string, signal: AbortSignal): Promise<void> {
  assertStartable(session);
  const found = await deps.client.run([commandLine(["has-session", "-t", `=${session}:`])], question("has-session", signal));
  if (found?.[0]?.isOk !== true) await startHolder(deps, session, signal);
  const replies = await deps.client.run(SERVER_OPTIONS, question("set-option", signal));
  if (replies === undefined)
    throw new MosaicError("MACHINE", `the tmux server on socket "${deps.tmux.socketName}" ended at once`);
  for (const { isOk, message } of replies) {
    if (!isOk) deps.log.debug({ socket: deps.tmux.socketName, message }, "this tmux does not take an option");
  }
}

// The only command here that may start a server, and so a process of its own.
async function startHolder(
  { tmux, client, gate, holderProgram }: LauncherDeps,
  session: string,
  signal: AbortSignal,
): Promise<void> {
  const command = ["new-session", "-d", "-s", session, "--", ...holderProgram];
  const options = { startsServer: true, timeoutMs: START_DEADLINE_MS, signal };
  const result = await gate.disturb(() => runTmux(tmux, command, options));
  if (result.exitCode !== 0 && !isDuplicate(result.stderr)) {
    const why = result.stderr.trim() || `exit code ${result.exitCode}`;
    throw new MosaicError("MACHINE", `cannot start a tmux server on socket "${tmux.socketName}": ${why}`);
  }
  client.wake();
}

/** Ends the server with everything in it, and waits until it and our own client are gone. */
export async function endServer(deps: LauncherDeps, signal: AbortSignal): Promise<void> {
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
  // tmux leaves its socket behind. Nothing answered there a moment ago; a server that starts right now makes a new one.
  await rm(tmux.socketPath, { force: true });
  // Answers once our own client has noticed; the next command would else be sent to the dead.
  await deps.client.run([commandLine(["list-sessions"])], question("list-sessions", signal));
}

/** A machine that swaps takes seconds to start its first server. */
const START_DEADLINE_MS = 10_000;
const END_DEADLINE_MS = 5_000;
const END_POLL_MS = 20;

function question(what: string, signal: AbortSignal) {
  return { what, signal, isRepeatable: true };
}
