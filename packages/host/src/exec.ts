import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { MosaicError } from "@mosaic/core";

/** One run of a program from start to end. */
export interface ProgramRun {
  /** Program and arguments, executed directly and never by a shell. */
  readonly argv: readonly [string, ...string[]];
  /** Written to the program's standard input, which is then closed. Default: nothing. */
  readonly stdin?: string | Uint8Array | undefined;
  /** Default: this process's. */
  readonly cwd?: string | undefined;
  /** The whole environment of the program. Default: this process's. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly timeoutMs: number;
  /** Limit for standard output and for standard error, each. */
  readonly maxOutputBytes: number;
  readonly signal: AbortSignal;
}

export interface ProgramResult {
  readonly stdout: string;
  readonly stderr: string;
  /** 128 plus the signal's number when a signal ended the program. */
  readonly exitCode: number;
}

/** Runs a program to its end and returns what it wrote; a non-zero exit code is an answer, not an error.
 *  On abort, deadline or too much output the program gets SIGTERM, and SIGKILL 1 s later, and is gone before this rejects.
 *  @throws MosaicError `MACHINE` when it can't be started or writes too much, `DEADLINE`, `CANCELLED`. */
export async function runProgram(run: ProgramRun): Promise<ProgramResult> {
  const [program, ...args] = run.argv;
  if (run.signal.aborted) throw cancelled(program);
  const child = spawn(program, args, { cwd: run.cwd, env: run.env, stdio: ["pipe", "pipe", "pipe"] });
  const stopping = new Stopping(child);
  const tooMuch = () =>
    stopping.stop(new MosaicError("MACHINE", `"${program}" wrote more than ${run.maxOutputBytes} bytes and was stopped`));
  const stdout = collect(child.stdout, run.maxOutputBytes, tooMuch);
  const stderr = collect(child.stderr, run.maxOutputBytes, tooMuch);
  // A program that ends without reading its input breaks the pipe; its exit code tells what that meant.
  child.stdin.on("error", () => {});
  child.stdin.end(run.stdin ?? "");
  const late = () => stopping.stop(new MosaicError("DEADLINE", `"${program}" did not end within ${run.timeoutMs} ms`));
  const timer = setTimeout(late, run.timeoutMs);
  const onAbort = () => stopping.stop(cancelled(program));
  run.signal.addEventListener("abort", onAbort, { once: true });
  try {
    const exitCode = await ended(child, run);
    if (stopping.reason !== undefined) throw stopping.reason;
    return { stdout: stdout(), stderr: stderr(), exitCode };
  } finally {
    clearTimeout(timer);
    stopping.done();
    run.signal.removeEventListener("abort", onAbort);
  }
}

/** Says why a program could not be started, and how to get it where that is known. */
export function startFailure(program: string, cwd: string | undefined, error: NodeJS.ErrnoException): MosaicError {
  // ENOENT is also what a missing working directory looks like.
  const where = cwd === undefined ? "" : ` in "${cwd}"`;
  const debianPackage = DEBIAN_PACKAGES[program.slice(program.lastIndexOf("/") + 1)];
  const hint = error.code === "ENOENT" && debianPackage !== undefined ? `sudo apt install ${debianPackage}` : undefined;
  const what = error.code === "ENOENT" ? "not found" : error.message;
  return new MosaicError("MACHINE", `cannot start "${program}"${where}: ${what}`, { hint, cause: error });
}

const DEBIAN_PACKAGES: Readonly<Record<string, string>> = { tmux: "tmux", systemctl: "systemd", loginctl: "systemd" };

/** Long enough for a program to put its terminal or lock file in order, short enough to wait for at shutdown. */
const KILL_AFTER_MS = 1_000;

class Stopping {
  reason: MosaicError | undefined;
  readonly #child: ChildProcess;
  #killTimer: NodeJS.Timeout | undefined;

  constructor(child: ChildProcess) {
    this.#child = child;
  }

  stop(reason: MosaicError): void {
    if (this.reason !== undefined) return;
    this.reason = reason;
    this.#child.kill("SIGTERM");
    this.#killTimer = setTimeout(() => {
      this.#child.kill("SIGKILL");
      // A grandchild that kept the pipes open must not keep the caller waiting.
      this.#child.stdout?.destroy();
      this.#child.stderr?.destroy();
    }, KILL_AFTER_MS);
  }

  done(): void {
    clearTimeout(this.#killTimer);
  }
}

function collect(stream: NodeJS.ReadableStream, maxBytes: number, tooMuch: () => void): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) tooMuch();
    else chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString("utf8");
}

function ended(child: ChildProcess, run: ProgramRun): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(startFailure(run.argv[0], run.cwd, error)));
    child.once("close", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}

function cancelled(program: string): MosaicError {
  return new MosaicError("CANCELLED", `"${program}" was interrupted`);
}
