import type { CommandResult, Invocation } from "../../command.ts";
import { demoResult } from "../../demo/demo-answer.ts";
import { demoDown } from "../../demo/demo-down.ts";
import { demoDirectory, tidyDemoParent } from "../../demo/demo-options.ts";
import type { Io } from "../../io/io.ts";

/** Ends a demo and removes its folder. */
export async function run(invocation: Invocation, io: Io): Promise<CommandResult> {
  const state = await demoDown(await demoDirectory(invocation, io));
  if (invocation.flags.text("dir") === undefined) await tidyDemoParent(io);
  const agents = state.plan.hosts.reduce((sum, host) => sum + host.agents.length, 0);
  return demoResult(
    state,
    "ended",
    () => `ended ${state.daemons.length} daemons and ${agents} agents; ${state.plan.directory} is gone\n`,
  );
}
