import type { CommandResult, Invocation } from "../../command.ts";
import { demoResult } from "../../demo/demo-answer.ts";
import { demoDirectory } from "../../demo/demo-options.ts";
import { readDemoState } from "../../demo/demo-state.ts";
import type { Io } from "../../io/io.ts";

/** Lists the processes of a demo. */
export async function run(invocation: Invocation, io: Io): Promise<CommandResult> {
  const state = await readDemoState(await demoDirectory(invocation, io));
  return demoResult(state, "running", (table) => table);
}
