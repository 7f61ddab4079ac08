import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import { checkScope } from "../../fleet/check-scope.ts";
import { type HostListAnswer, toListedHost } from "../../fleet/host-list.ts";
import { exitCodeOf, toPsAnswer } from "../../fleet/ps-answer.ts";
import { freshReading } from "../../fleet/ps-host.ts";
import { viaOf } from "../../fleet/via-of.ts";
import type { Io } from "../../io/io.ts";
import { hostTable } from "../../output/host-table.ts";
import { DEFAULT_TIMEOUT_MS } from "../../parse/global-options.ts";
import { askFirst, placesFor } from "../../remote/endpoints.ts";
import { askHosts, listHosts } from "../../remote/list-fleet.ts";

/** Lists every expected host in scope. */
export async function run({ flags, globals }: Invocation, _io: Io, deps: CommandDeps): Promise<CommandResult> {
  const question = {
    tenants: flags.texts("tenant"),
    hosts: flags.texts("host"),
    isLive: flags.boolean("live"),
    maxAgeMs: flags.durationMs("max-age"),
    timeoutMs: globals.timeoutMs ?? DEFAULT_TIMEOUT_MS,
  };
  const places = placesFor(flags.boolean("all-hosts") ? "all-hosts" : "anywhere", globals);
  const { place, statuses, told } = await askFirst(places, async (each) => {
    const { hosts: statuses, conditions: told } = await askHosts(deps.remote, each, question);
    return { place: each, statuses, told };
  });
  await checkScope(question, statuses, () =>
    listHosts(deps.remote, place, { ...question, tenants: [], hosts: [], isLive: false }),
  );
  const readings = statuses.map(freshReading);
  const { complete, scope, via, conditions } = toPsAnswer(question, viaOf(place.via, statuses), readings, [], told);
  const hosts = readings.map(toListedHost);
  const answer: HostListAnswer = { schema: "mosaic.host.list/1", complete, scope, via, hosts, conditions };
  const isWide = flags.boolean("wide");
  return {
    exitCode: exitCodeOf(answer, flags.boolean("allow-partial")),
    envelope: answer,
    lines: () => linesOf(answer),
    text: (view) => hostTable(answer, question.maxAgeMs, isWide ? { ...view, columns: undefined } : view),
  };
}

function* linesOf({ schema, complete, scope, via, hosts, conditions }: HostListAnswer): Iterable<object> {
  for (const host of hosts) yield { schema, type: "host", ...host };
  yield { schema, type: "summary", complete, scope, via, host_count: hosts.length, conditions };
}
