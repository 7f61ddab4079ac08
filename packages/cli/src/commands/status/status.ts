import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { readSituation } from "../../status/situation.ts";
import { overviewExitCode, toOverview } from "../../status/status-answer.ts";
import { overviewText } from "../../status/status-text.ts";

/** Shows on one screen how this host and its fleet stand, and what needs a hand. */
export async function run({ globals }: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const situation = await readSituation(globals, io, deps);
  const answer = toOverview(situation, { host: io.hostName(), home: globals.mosaicHome });
  return {
    exitCode: overviewExitCode(situation),
    envelope: answer,
    text: (view) => overviewText(answer, view),
    notes: situation.notes,
  };
}
