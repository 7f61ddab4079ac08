import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { MosaicError } from "@mosaic/core";
import { startFailure } from "./exec.ts";

export interface JournalQuestion {
  /** Units of the user, for example `mosaic-node.service`. */
  readonly units: readonly string[];
  /** How many entries, counted from the last. */
  readonly lines: number;
  /** True: it goes on with what comes after, until the signal aborts. */
  readonly isFollowing: boolean;
  /** Where to look for `journalctl`. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Reads what units of this user wrote, from the journal: one JSON object per entry, as `journalctl --output=json` prints it. The
 *  program ends with the signal, and when nobody reads on.
 *  @throws MosaicError MACHINE when there is no `journalctl`, or it fails */
export async function* journalLines({ units, lines, isFollowing, env, signal }: JournalQuestion): AsyncGenerator<string> {
  const program = "journalctl";
  const flags = ["--user", "--output=json", "--no-pager", "--quiet", `--lines=${lines}`, ...(isFollowing ? ["--follow"] : [])];
  const child = spawn(program, [...flags, ...units.map((unit) => `--unit=${unit}`)], { env, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", (error) => reject(startFailure(program, undefined, error)));
    child.once("close", (code) => resolve(code ?? 0));
  });
  // Whoever stops reading early never asks how it ended.
  ended.catch(() => {});
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint = `${complaint}${chunk.toString("utf8")}`.slice(0, MAX_COMPLAINT);
  });
  const stop = () => void child.kill("SIGTERM");
  signal.addEventListener("abort", stop, { once: true });
  try {
    yield* createInterface({ input: child.stdout });
    const exitCode = await ended;
    if (exitCode === 0 || signal.aborted) return;
    throw new MosaicError("MACHINE", `cannot read the journal: ${complaint.trim() || `journalctl ended with ${exitCode}`}`, {
      hint: "journalctl --user -n 5",
    });
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
}

const MAX_COMPLAINT = 1000;
