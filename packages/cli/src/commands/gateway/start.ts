import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import { runGatewayVerb } from "../../gateway/run-gateway-verb.ts";
import type { Io } from "../../io/io.ts";

/** Starts the daemons of this home that systemd keeps. */
export async function run(invocation: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  return await runGatewayVerb("start", invocation, io, deps);
}
