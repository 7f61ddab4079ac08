import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";

/** What became of a program. */
export interface ProgramEnd {
  readonly stdout: string;
  readonly stderr: string;
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
  readonly durationMs: number;
}

export interface ProgramOptions {
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string | undefined;
  /** Written to its standard input, which is then closed. Default: nothing. */
  readonly stdin?: string | Uint8Array | undefined;
  /** Default 60 s: a busy small machine starts a whole fleet in 10 s. */
  readonly timeoutMs?: number | undefined;
}

/** A program that runs. Disposing kills it, so that a test that fails leaves none behind. */
export interface RunningProgram extends AsyncDisposable {
  readonly pid: number;
  /** What it wrote so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Resolves when it is gone and all it wrote was read. Never rejects. */
  readonly ended: Promise<ProgramEnd>;
}

/** Starts a program, without a shell. */
export function startProgram(argv: readonly [string, ...string[]], options: ProgramOptions): RunningProgram {
  const startedMs = performance.now();
  const [program, ...args] = argv;
  const child = spawn(program, args, { env: { ...options.env }, cwd: options.cwd, stdio: "pipe" });
  const output = { stdout: collect(child.stdout), stderr: collect(child.stderr) };
  feed(child, options.stdin);
  const ended = new Promise<ProgramEnd>((resolve) => {
    const settle = (exitCode: number | undefined, signal: NodeJS.Signals | undefined, more = "") =>
      resolve({
        stdout: output.stdout(),
        stderr: output.stderr() + more,
        exitCode,
        signal,
        durationMs: performance.now() - startedMs,
      });
    child.once("error", (error) => settle(undefined, undefined, error.message));
    child.once("close", (code, signal) => settle(code ?? undefined, signal ?? undefined));
  });
  return {
    pid: child.pid ?? 0,
    ...output,
    kill: (signal) => void child.kill(signal),
    ended,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Runs a program to its end.
 *  @throws Error with all it wrote when it takes longer than `timeoutMs`; it is killed then */
export async function runToEnd(argv: readonly [string, ...string[]], options: ProgramOptions): Promise<ProgramEnd> {
  const { timeoutMs = 60_000 } = options;
  const program = startProgram(argv, options);
  let isOverdue = false;
  const timer = setTimeout(() => {
    isOverdue = true;
    program.kill("SIGKILL");
  }, timeoutMs);
  const end = await program.ended;
  clearTimeout(timer);
  if (!isOverdue) return end;
  throw new Error(`still running after ${timeoutMs} ms: ${argv.join(" ")}\n${end.stdout}\n${end.stderr}`);
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => void chunks.push(chunk));
  return () => Buffer.concat(chunks).toString("utf8");
}

function feed(child: ChildProcessWithoutNullStreams, stdin: ProgramOptions["stdin"]): void {
  // A program that ends without reading what it was given breaks the pipe; its own exit code tells the rest.
  child.stdin.on("error", () => {});
  child.stdin.end(stdin ?? "");
}
