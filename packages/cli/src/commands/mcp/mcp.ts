import { EXIT_CODES, MosaicError } from "@mosaic/core/light";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { connectOwnFleet } from "../../remote/own-fleet.ts";
import { VERSION } from "../../version.ts";

/** Serves tools of the fleet to an agent over standard input and output, until the agent closes them. */
export async function run({ flags, globals }: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  if (io.stdin.isTerminal)
    throw new MosaicError("USAGE", "mosaic mcp speaks to a program on standard input, and that is a terminal", {
      hint: "name it to your agent: claude mcp add mosaic -- mosaic mcp",
    });
  // What an agent's environment says of it; anybody else's has none.
  const agent = io.env["MOSAIC_AGENT_NAME"] || undefined;
  const host = io.env["MOSAIC_HOST"] || io.hostName();
  const self = agent === undefined ? host : `${host}/${agent}`;
  const label = flags.text("source-label") ?? `${self}:mcp`;
  await using fleet = await connectOwnFleet(globals, io, deps, label, "mcp");
  const { serveMcp } = await import("../../mcp/serve-mcp.ts");
  const { stdin, stdout } = process;
  await serveMcp({ fleet, version: VERSION, agent, isReadOnly: flags.boolean("read-only"), stdin, stdout, signal: io.signal });
  return { exitCode: EXIT_CODES.ok };
}
