import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import { runGatewayVerb } from "../../gateway/run-gateway-verb.ts";
import type { Io } from "../../io/io.ts";

/** Ends the daemons of this home that systemd keeps. */
export async function run(invocation: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  return await runGatewayVerb("stop", invocation, io, deps);
}
