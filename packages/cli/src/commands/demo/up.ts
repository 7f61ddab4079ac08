import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import { demoResult } from "../../demo/demo-answer.ts";
import { demoDirectory, demoSize } from "../../demo/demo-options.ts";
import { demoUp } from "../../demo/demo-up.ts";
import { waitUntilWhole } from "../../demo/wait-until-whole.ts";
import type { Io } from "../../io/io.ts";

/** Brings a demo up and leaves it running. */
export async function run(invocation: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const directory = await demoDirectory(invocation, io);
  const state = await demoUp({
    directory,
    size: demoSize(invocation),
    isOwned: false,
    env: io.env,
    signal: io.signal,
    onProgress: (line) => io.stderr.write(`${line}\n`),
  });
  await waitUntilWhole(state, deps.remote, io);
  const next = `\nsee its agents:  mosaic fleet ps --all-hosts --mosaic-home ${directory}\nend it:          mosaic demo down${invocation.flags.text("dir") ? ` --dir ${directory}` : ""}\n`;
  return demoResult(state, "running", (table) => `${table}${next}`);
}
