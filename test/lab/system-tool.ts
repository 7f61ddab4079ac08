import { runToEnd } from "../mesh/run-program.ts";

/** The machine's own programs, also those for root, whatever path the caller has. */
export const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Runs one of the machine's programs to its end.
 *  @returns what it wrote to standard output
 *  @throws Error with its standard error when it fails */
export async function runSystemTool(argv: readonly [string, ...string[]], stdin?: string): Promise<string> {
  const end = await runToEnd(argv, { env: { PATH: systemPath, LANG: "C.UTF-8" }, stdin });
  if (end.exitCode === 0) return end.stdout;
  throw new Error(`${argv.join(" ")} failed with ${end.exitCode ?? end.signal ?? "no exit code"}: ${end.stderr.trim()}`);
}
