import { MosaicError } from "@mosaic/core/light";
import { type ProgramResult, runProgram } from "@mosaic/host";
import type { Io } from "../io/io.ts";
import { showWaiting } from "../output/waiting-line.ts";

/** How a program is run. */
export interface ToolRun {
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** What it does, for a person who waits, as in `asking npm for mosaic-fleet@latest`. Undefined: it is over soon. */
  readonly doing?: string;
}

/** Runs a program to its end. @throws MosaicError MACHINE, DEADLINE, CANCELLED as {@link runProgram} */
export type RunTool = (run: ToolRun) => Promise<ProgramResult>;

/** As much of what a program says as is read, in bytes: npm lists every file of a package. */
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;

/** Runs a program of this machine. */
export const runTool: RunTool = ({ env, doing: _doing, ...run }) =>
  runProgram({ ...run, env: definedOnly(env), maxOutputBytes: MAX_OUTPUT_BYTES });

/** As {@link runTool}, and tells at a terminal what takes long. */
export function tellingRunTool(isJson: boolean, io: Io): RunTool {
  return async (run) => {
    if (run.doing === undefined) return await runTool(run);
    await using _waiting = showWaiting(run.doing, run.timeoutMs, isJson, io);
    return await runTool(run);
  };
}

/** The variables that have a value. */
export function definedOnly(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** Makes an error of a program that ended badly: what it was for, and the one line of what it said that tells most. */
export function toolFailure(what: string, { stderr, exitCode }: ProgramResult, hint: string | undefined): MosaicError {
  const lines = stderr.split("\n").map((line) => line.replace(/^(npm (error|ERR!)|tar:|cp:|hint:)\s*/, "").trim());
  const told = lines.find((line) => /no space|quota/i.test(line)) ?? lines.find((line) => line !== "" && !/^code /.test(line));
  return new MosaicError("MACHINE", `${what}: ${(told ?? `exit code ${exitCode}`).slice(0, 300)}`, { hint });
}
