import { MosaicError } from "@mosaic/core";
import { runProgram } from "../exec.ts";

/** Says which tmux is installed, in its own words, for example `3.3a` or `next-3.8`; undefined when there is none.
 *  @param env where to look for it
 *  @throws MosaicError `MACHINE` when it is there and can't be run, `DEADLINE`, `CANCELLED` */
export async function tmuxVersion(env: Readonly<Record<string, string>>, signal: AbortSignal): Promise<string | undefined> {
  try {
    const run = { argv: ["tmux", "-V"], env, timeoutMs: TIMEOUT_MS, maxOutputBytes: 4096, signal } as const;
    const { stdout } = await runProgram(run);
    return stdout.trim().replace(/^tmux /, "");
  } catch (thrown) {
    const isAbsent = thrown instanceof MosaicError && (thrown.cause as NodeJS.ErrnoException | undefined)?.code === "ENOENT";
    if (isAbsent) return undefined;
    throw thrown;
  }
}

/** It prints and ends; a machine that needs longer has other troubles. */
const TIMEOUT_MS = 5000;
