import { runtimeNamed } from "@mosaic/runtimes";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import { toRosterAnswer } from "../../fleet/roster-answer.ts";
import type { Io } from "../../io/io.ts";
import { readRoster } from "../../local/read-roster.ts";
import { rosterTable } from "../../output/roster-table.ts";

/** Lists what the roster file says. */
export async function run({ globals }: Invocation, io: Io, _deps: CommandDeps): Promise<CommandResult> {
  const path = globals.rosterPath;
  const roster = await readRoster(path, io);
  const answer = toRosterAnswer(path, roster, (runtime) => runtimeNamed(runtime).resetCommand);
  return { exitCode: 0, envelope: answer, text: (view) => rosterTable(answer, view) };
}
