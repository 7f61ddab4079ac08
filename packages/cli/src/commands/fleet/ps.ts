import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import { exitCodeOf, toPsAnswer } from "../../fleet/ps-answer.ts";
import { freshReading } from "../../fleet/ps-host.ts";
import { readFleet } from "../../fleet/read-fleet.ts";
import type { Io } from "../../io/io.ts";
import { psLines } from "../../output/ps-lines.ts";
import { psTable } from "../../output/ps-table.ts";
import { psOptions } from "./ps-options.ts";

/** Lists the agents of this host, or of the whole fleet, with what is not known of them. */
export async function run(invocation: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const options = psOptions(invocation);
  if (options.isWatch) {
    const { watchFleet } = await import("./ps-watch.ts");
    return watchFleet(options, io, deps);
  }
  const reach = options.isAllHosts ? "all-hosts" : "this-host";
  const { via, hosts, agents, conditions, scope, notes } = await readFleet({ ...options, reach }, io, deps);
  const answer = toPsAnswer(options, via, hosts.map(freshReading), agents, conditions, scope);
  return {
    exitCode: exitCodeOf(answer, options.allowPartial, options.isStrict),
    envelope: answer,
    lines: () => psLines(answer),
    text: (view) => psTable(answer, options, options.isWide ? { ...view, columns: undefined } : view),
    notes,
  };
}
