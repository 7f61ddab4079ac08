import { spawnSync } from "node:child_process";
import { rm } from "node:fs/promises";
import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { silentLog } from "@mosaic/core";
import { systemClock } from "../system-clock.ts";
import { connectTmux, type TmuxOptions } from "./connect-tmux.ts";
import { runTmux, tmuxProgram } from "./tmux-program.ts";

/** The tmux that tests run; another one than the system's when `MOSAIC_TEST_TMUX` names it. */
const program = process.env["MOSAIC_TEST_TMUX"] ?? "tmux";

// Nothing has a control client yet when modules load, so that waiting here blocks no server.
const hasTmux = spawnSync(program, ["-V"]).status === 0;

/** Options of a test that needs a real tmux. */
export const needsTmux = { skip: hasTmux ? false : "needs tmux (sudo apt install tmux)", timeout: 120_000 };

/** A signal for calls that nobody interrupts. */
export const never: AbortSignal = new AbortController().signal;

let serverCount = 0;

/** A private tmux server for one test, ended with it, seen through the code under test and around it. */
export interface PrivateServer {
  readonly socketName: string;
  readonly socketPath: string;
  /** A connection of its own for each call. */
  connect(more?: Partial<TmuxOptions>): ReturnType<typeof connectTmux>;
  /** Runs a tmux command beside the code under test and answers with its output. */
  run(...command: readonly string[]): Promise<string>;
}

export function privateServer(context: TestContext): PrivateServer {
  serverCount += 1;
  const socketName = `mosaic-test-${process.pid}-${serverCount}`;
  const tmux = tmuxProgram(socketName, program);
  const connections: AsyncDisposable[] = [];
  const run = async (...command: readonly string[]) => {
    const { stdout, stderr } = await runTmux(tmux, command, { startsServer: true, timeoutMs: 20_000, signal: never });
    return (stdout + stderr).trimEnd();
  };
  context.after(async () => {
    await Promise.all(connections.map((connection) => connection[Symbol.asyncDispose]()));
    await runTmux(tmux, ["kill-server"], { timeoutMs: 20_000, signal: never });
    await rm(tmux.socketPath, { force: true });
  });
  return {
    socketName,
    socketPath: tmux.socketPath,
    run,
    connect(more) {
      const connection = connectTmux({ socketName, tmuxProgram: program, clock: systemClock, log: silentLog, ...more });
      connections.push(connection);
      return connection;
    },
  };
}

/** Lets a tmux before 3.7 collect ended programs: it sometimes misses the kernel's word of the last one until the next. */
export async function collectEnded({ run }: Pick<PrivateServer, "run">): Promise<void> {
  await run("run-shell", "true");
}

/** Waits until a condition holds, and says what was awaited when it does not within 20 s. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const startedMs = performance.now();
  while (!(await holds())) {
    if (performance.now() - startedMs > 20_000) throw new Error(`waited 20 s until ${what}`);
    await delay(10);
  }
}
