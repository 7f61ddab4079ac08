import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { decide } from "./decide.ts";

/** Allows what an agent asks leave for. */
export async function run(invocation: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  return await decide("allow", invocation, io, deps);
}
