import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { layoutOf } from "../../upgrade/layout.ts";
import { runRollback } from "../../upgrade/run-rollback.ts";
import { ownInstallation } from "../../upgrade/where-installed.ts";
import { WAIT_MS } from "./upgrade.ts";

/** Goes back to the version before. */
export async function run(invocation: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const { flags } = invocation;
  const own = ownInstallation();
  const layout = layoutOf(io.env, own.kind === "versions" ? own.root : undefined);
  const options = { layout, own, to: flags.text("to"), isDryRun: flags.boolean("dry-run"), isForced: flags.boolean("force") };
  return await runRollback(invocation, io, deps, { ...options, waitMs: flags.durationMs("wait") ?? WAIT_MS });
}
