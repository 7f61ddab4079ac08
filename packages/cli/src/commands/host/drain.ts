import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { changeDrain } from "./change-drain.ts";

/** Takes a host out of service. */
export async function run(invocation: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  return await changeDrain(true, invocation, io, deps);
}
