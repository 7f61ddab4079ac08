import { MosaicError } from "@mosaic/core/light";
import type { InstallWorld } from "./install-world.ts";
import { PROGRAMS } from "./layout.ts";
import { programOf } from "./target.ts";

/** A program says its version within some 100 ms; on a busy small machine, from a cold disk, it takes seconds. */
const CHECK_MS = 60_000;

/** Tries whether the three programs of a package run on this machine, and are of the version that was announced.
 *  @throws MosaicError INCOMPATIBLE with what they said */
export async function selfCheck(
  { runTool, env, signal }: Pick<InstallWorld, "runTool" | "env" | "signal">,
  packageFolder: string,
  version: string,
): Promise<void> {
  for (const program of PROGRAMS) {
    const word = program === "mosaic" ? "version" : "--version";
    const argv = [...programOf(packageFolder, program), word] as const;
    const end = await runTool({ argv: [argv[0], ...argv.slice(1)], env, signal, timeoutMs: CHECK_MS });
    const said = end.stdout.trim();
    if (end.exitCode === 0 && said === `${program} ${version}`) continue;
    const why = end.exitCode === 0 ? `it says "${said.slice(0, 100)}"` : lastLine(end.stderr) || `exit code ${end.exitCode}`;
    throw new MosaicError("INCOMPATIBLE", `its ${program} does not run here: ${why}`, {
      hint: "look at what was installed from",
    });
  }
}

function lastLine(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return (lines.find((line) => /error|mosaic/i.test(line)) ?? lines.at(-1) ?? "").trim().slice(0, 300);
}
