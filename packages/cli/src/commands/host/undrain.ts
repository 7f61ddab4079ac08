import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { changeDrain } from "./change-drain.ts";

/** Takes a host back into service. */
export async function run(invocation: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  return await changeDrain(false, invocation, io, deps);
}
