import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import { checkScope } from "../../fleet/check-scope.ts";
import { type HostDescribeAnswer, toDescribedHost } from "../../fleet/host-describe.ts";
import { exitCodeOf, toPsAnswer } from "../../fleet/ps-answer.ts";
import { freshReading } from "../../fleet/ps-host.ts";
import { viaOf } from "../../fleet/via-of.ts";
import type { Io } from "../../io/io.ts";
import { describedHosts } from "../../output/described-host.ts";
import { DEFAULT_TIMEOUT_MS } from "../../parse/global-options.ts";
import { askFirst, placesFor } from "../../remote/endpoints.ts";
import { listFleet, listHosts } from "../../remote/list-fleet.ts";
import { parseHostName } from "./host-name.ts";

/** Tells everything that is known of a host. */
export async function run({ args, flags, globals }: Invocation, _io: Io, deps: CommandDeps): Promise<CommandResult> {
  const { tenantId, host } = parseHostName(args[0] ?? "");
  const question = {
    tenants: tenantId === "" ? [] : [tenantId],
    hosts: [host],
    isLive: flags.boolean("live"),
    pageSize: 0,
    timeoutMs: globals.timeoutMs ?? DEFAULT_TIMEOUT_MS,
  };
  const places = placesFor(flags.boolean("all-hosts") ? "all-hosts" : "anywhere", globals);
  const { place, list } = await askFirst(places, async (each) => ({
    place: each,
    list: await listFleet(deps.remote, each, question),
  }));
  await checkScope(question, list.hosts, () =>
    listHosts(deps.remote, place, { ...question, tenants: [], hosts: [], isLive: false }),
  );
  const readings = list.hosts.map(freshReading);
  const told = toPsAnswer(
    { ...question, maxAgeMs: undefined },
    viaOf(place.via, list.hosts),
    readings,
    list.agents,
    list.conditions,
  );
  const { complete, scope, via, conditions } = told;
  const hosts = readings.map((reading) => toDescribedHost(reading, told));
  const answer: HostDescribeAnswer = { schema: "mosaic.host.describe/1", complete, scope, via, hosts, conditions };
  return { exitCode: exitCodeOf(answer, false), envelope: answer, text: (view) => describedHosts(answer, view) };
}
