import type { Command } from "../command.ts";
import { fleetCommands } from "./fleet.ts";

/** The commands that a line may mean: every one there is; or only its own, when that is the one people type all day, which takes a
 *  tenth longer when the manuals of all others are read first. */
export async function commandsFor([noun, verb]: readonly string[]): Promise<readonly Command[]> {
  if (noun === "fleet" && verb === "ps") return fleetCommands;
  const { COMMANDS } = await import("./command-table.ts");
  return COMMANDS;
}
