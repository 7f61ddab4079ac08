import { MosaicError, type ProcessFacts } from "@mosaic/core";
import { claude } from "./claude/claude.ts";
import { codex } from "./codex/codex.ts";
import { command } from "./command/command.ts";
import type { RuntimeAdapter } from "./contract.ts";
import { opencode } from "./opencode/opencode.ts";
import { pi } from "./pi/pi.ts";
import { stub } from "./stub/stub.ts";

/** Every runtime there is, in the order in which they are asked about a process. */
export const runtimes: readonly RuntimeAdapter[] = [claude, codex, opencode, pi, stub, command];

/** Finds the adapter of a roster's runtime.
 *  @throws MosaicError ROSTER_INVALID for a name that has none. */
export function runtimeNamed(name: string): RuntimeAdapter {
  const found = runtimes.find((runtime) => runtime.name === name);
  if (found !== undefined) return found;
  throw new MosaicError("ROSTER_INVALID", `there is no runtime ${JSON.stringify(name)}`, {
    hint: `choose one of ${runtimes.map((runtime) => runtime.name).join(", ")}`,
  });
}

/** Names the runtime that a process is.
 *  @returns undefined when no adapter is certain, which says nothing against any of them. */
export function recogniseRuntime(process: ProcessFacts, children: readonly ProcessFacts[]): string | undefined {
  return runtimes.find((runtime) => runtime.recognises(process, children))?.name;
}
