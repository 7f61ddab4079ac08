import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import { toApprovalsAnswer } from "../../fleet/approvals-answer.ts";
import { exitCodeOf } from "../../fleet/ps-answer.ts";
import { viaOf } from "../../fleet/via-of.ts";
import type { Io } from "../../io/io.ts";
import { approvalsTable } from "../../output/approvals-table.ts";
import { DEFAULT_TIMEOUT_MS } from "../../parse/global-options.ts";
import { askFirst, placesFor } from "../../remote/endpoints.ts";
import { listFleet } from "../../remote/list-fleet.ts";
import { needingNode } from "./needs-node.ts";

/** Lists what agents wait for a person with. Only daemons hear that, so this host is never looked at directly. */
export async function run({ flags, globals }: Invocation, _io: Io, deps: CommandDeps): Promise<CommandResult> {
  const question = {
    tenants: flags.texts("tenant"),
    hosts: flags.texts("host"),
    isLive: false,
    pageSize: 0,
    timeoutMs: globals.timeoutMs ?? DEFAULT_TIMEOUT_MS,
  };
  const places = placesFor(flags.boolean("all-hosts") ? "all-hosts" : "anywhere", globals);
  const answer = await needingNode("agent approvals", places, () =>
    askFirst(places, async (place) => {
      const { hosts, agents } = await listFleet(deps.remote, place, question);
      return toApprovalsAnswer(viaOf(place.via, hosts), hosts, agents);
    }),
  );
  const isWide = flags.boolean("wide");
  return {
    exitCode: exitCodeOf(answer, flags.boolean("allow-partial")),
    envelope: answer,
    text: (view) => approvalsTable(answer, isWide ? { ...view, columns: undefined } : view),
  };
}
