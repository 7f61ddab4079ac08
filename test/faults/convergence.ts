import { eventually } from "@mosaic/testkit";
import { type Agent, HostState, type HostStatus } from "@mosaic/wire";
import type { Findings } from "../simulation/findings.ts";
import type { FaultFleet } from "./fault-fleet.ts";
import type { ListProbe } from "./list-probe.ts";
import { rowsText } from "./rows-text.ts";
import { stateName } from "./state-name.ts";
import type { WatchProbe } from "./watch-probe.ts";

/** C5: waits until List and Watch both show every host LIVE with exactly the rows that it has. Nothing may change meanwhile.
 *  @returns how long that took, in ms
 *  @throws Error with what still differed when it takes longer than `withinMs` */
export async function converged(
  { hosts, truth }: Pick<FaultFleet, "hosts" | "truth">,
  probes: { readonly list: ListProbe; readonly watch: WatchProbe },
  findings: Findings,
  withinMs = 60_000,
): Promise<number> {
  const startedMs = performance.now();
  const actual = await truth();
  let wrong: string | undefined = "nothing was asked";
  const names = hosts.map(({ name }) => name);
  await eventually(
    "the fleet converges",
    () => {
      const { last } = probes.list;
      const { state } = probes.watch.view;
      wrong =
        difference("List", last?.hosts ?? [], last?.agents ?? [], names, actual) ??
        difference("Watch", state.hosts(), state.agents(), names, actual);
      return wrong === undefined;
    },
    withinMs,
  ).catch((thrown: unknown) => {
    findings.look("C5", wrong);
    throw new Error(`C5 after ${withinMs} ms: ${wrong}`, { cause: thrown });
  });
  findings.look("C5", undefined);
  return performance.now() - startedMs;
}

function difference(
  who: string,
  hosts: readonly HostStatus[],
  agents: readonly Agent[],
  expected: readonly string[],
  truth: ReadonlyMap<string, string>,
): string | undefined {
  const states = new Map(hosts.map((host) => [host.host, host.state]));
  const rows = Map.groupBy(agents, (row) => row.host);
  for (const name of expected) {
    if (states.get(name) !== HostState.LIVE) return `${who} shows ${name} ${stateName(states.get(name))}`;
    if (rowsText(rows.get(name) ?? []) !== truth.get(name)) return `${who} shows other rows of ${name} than it has`;
  }
  return hosts.length === expected.length ? undefined : `${who} shows ${hosts.length} hosts, ${expected.length} are expected`;
}
