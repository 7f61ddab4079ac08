import { spawn } from "node:child_process";
import { type FileHandle, open } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { MosaicError } from "@mosaic/core";
import { startFailure } from "./exec.ts";
import { stopProcess } from "./stop-process.ts";

/** How a long-lived program is started in the background. */
export interface DaemonStart {
  readonly argv: readonly [string, ...string[]];
  /** The daemon's whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Receives all the daemon writes; made with mode 0600, appended to. Its folder must exist. */
  readonly logPath: string;
  /** Says whether the daemon serves; asked again and again until it is true. */
  readonly readyWhen: () => Promise<boolean>;
  /** Default 15 s: a cold start on a busy small machine takes up to 5 s. */
  readonly deadlineMs?: number;
}

/** Starts a program in a session of its own, so that it outlives this process and its terminal, and waits until it serves.
 *  @throws MosaicError `MACHINE` with the end of the log when it dies first; `DEADLINE` when it is not ready in time, after
 *  it was stopped. */
export async function startDaemon(start: DaemonStart): Promise<{ readonly pid: number }> {
  const log = await open(start.logPath, "a+", 0o600);
  try {
    const logStart = (await log.stat()).size;
    const daemon = await spawnDetached(start, log);
    const problem = await waitUntilReady(start, daemon).catch((error: unknown) => abandon(daemon, error));
    if (problem === undefined) return { pid: daemon.pid };
    const end = await lastLines(log, logStart);
    throw new MosaicError(problem.code, `${problem.message}${end === "" ? "" : `; its log ends:\n${end}`}`, {
      hint: `less ${start.logPath}`,
    });
  } finally {
    await log.close();
  }
}

const POLL_MS = 25;
const DEFAULT_DEADLINE_MS = 15_000;
const STOP_GRACE_MS = 2_000;
const LOG_TAIL_BYTES = 4_096;
const LOG_TAIL_LINES = 10;

interface Daemon {
  readonly pid: number;
  /** What ended it, once it has. */
  readonly end: () => string | undefined;
}

async function spawnDetached(start: DaemonStart, log: FileHandle): Promise<Daemon> {
  const [program, ...args] = start.argv;
  const stdio = ["ignore", log.fd, log.fd] as const;
  const child = spawn(program, args, { cwd: start.cwd, env: start.env, detached: true, stdio: [...stdio] });
  let end: string | undefined;
  child.once("exit", (code, signal) => {
    end = signal === null ? `exit code ${code}` : signal;
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (error) => reject(startFailure(program, start.cwd, error)));
  });
  child.unref();
  const { pid } = child;
  if (pid === undefined) throw new Error("a spawned process has an id");
  return { pid, end: () => end };
}

async function waitUntilReady(start: DaemonStart, daemon: Daemon): Promise<Pick<MosaicError, "code" | "message"> | undefined> {
  const [program] = start.argv;
  const deadlineMs = start.deadlineMs ?? DEFAULT_DEADLINE_MS;
  const startedMs = performance.now();
  while (performance.now() - startedMs < deadlineMs) {
    // A file or socket of a daemon that is gone must not pass for this one, so its end is looked at last.
    const isReady = await answerWithin(start.readyWhen, deadlineMs - (performance.now() - startedMs));
    const end = daemon.end();
    if (end !== undefined) return { code: "MACHINE", message: `"${program}" ended (${end}) before it was ready` };
    if (isReady) return undefined;
    await delay(POLL_MS);
  }
  await stopProcess(daemon.pid, undefined, { graceMs: STOP_GRACE_MS });
  return { code: "DEADLINE", message: `"${program}" was not ready within ${deadlineMs} ms and was stopped` };
}

async function abandon(daemon: Daemon, error: unknown): Promise<never> {
  await stopProcess(daemon.pid, undefined, { graceMs: STOP_GRACE_MS });
  throw error;
}

async function answerWithin(ask: () => Promise<boolean>, withinMs: number): Promise<boolean> {
  const answered = new AbortController();
  // The timer's rejection at abort is of no interest: the answer has won the race by then.
  const timer = delay(withinMs, false, { signal: answered.signal }).catch(() => false);
  return Promise.race([ask(), timer]).finally(() => answered.abort());
}

async function lastLines(log: FileHandle, from: number): Promise<string> {
  const { size } = await log.stat();
  const start = Math.max(from, size - LOG_TAIL_BYTES);
  const { buffer, bytesRead } = await log.read(Buffer.alloc(Math.max(0, size - start)), 0, size - start, start);
  return buffer.toString("utf8", 0, bytesRead).trimEnd().split("\n").slice(-LOG_TAIL_LINES).join("\n");
}
