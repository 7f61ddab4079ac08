import { create } from "@bufbuild/protobuf";
import type { ListAnswer } from "@mosaic/rpc";
import { HostState, ListRequestSchema } from "@mosaic/wire";
import type { SimAggregator } from "./sim-aggregator.ts";
import { nameOf, rowsText } from "./stream-record.ts";
import type { World } from "./world.ts";

/** C5: what is not yet as it must be once all is well again; undefined: every aggregator and watcher shows the fleet as it is. */
export async function notConverged(world: World): Promise<string | undefined> {
  for (const aggregator of world.aggregators.values()) {
    const answer = await world.ask(aggregator, create(ListRequestSchema));
    if (!answer) return `${aggregator.name} does not answer`;
    const shown = shownOf(
      answer.hosts.map((host) => ({ name: nameOf(host), isLive: host.state === HostState.LIVE })),
      answer.rows,
    );
    const wrong = difference(aggregator.name, shown, truthFor(world, aggregator.name));
    if (wrong !== undefined) return wrong;
  }
  for (const watcher of world.watchers) {
    const { state } = watcher.view;
    const hosts = state.hosts().map((host) => ({ name: nameOf(host), isLive: host.state === HostState.LIVE }));
    const wrong = difference(watcher.name, shownOf(hosts, state.agents()), truthFor(world, watcher.target));
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** C7: what is still there after everyone left; undefined: nothing. */
export function notReleased(world: World): string | undefined {
  for (const { life, name } of world.servers) {
    if (!life) continue;
    if (life.openHandlers > 0) return `${name} still runs ${life.openHandlers} handlers`;
    const streams = Object.entries(life.served?.streams.counts() ?? {});
    if (streams.length > 0) return `${name} counts streams: ${streams.join(" ")}`;
  }
  return undefined;
}

/** C7: what still sleeps in a process that was asked to end. */
export function notEnded({ name, life }: SimAggregator): string | undefined {
  const sleepers = life?.clock.sleeperCount ?? 0;
  return sleepers > 0 ? `${name} ended and ${sleepers} of its timers did not` : undefined;
}

/** Aggregators that may stand between a host and who asks (docs/adr/0018). */
const MAX_DEPTH = 3;

/** The fleet below a process as it really is: each host with its rows; undefined for one that is shown without, because every way to
 *  it leads over more aggregators than there may be (docs/adr/0018). */
function truthFor(world: World, name: string): Map<string, string | undefined> {
  const truth = new Map<string, string | undefined>();
  const walk = (each: string, way: readonly string[]): void => {
    const node = world.nodes.get(each);
    const rows = node && rowsText([...node.agents.values()].map((row) => [row.name, row.sessionId]));
    const host = node && `${node.tenantId}/${each}`;
    if (host && way.length <= MAX_DEPTH) truth.set(host, rows);
    else if (host && !truth.has(host)) truth.set(host, undefined);
    for (const member of world.aggregators.get(each)?.file ?? [])
      if (!way.includes(member.name)) walk(member.name, [...way, each]);
  };
  walk(name, []);
  return truth;
}

interface Shown {
  readonly rows: ReadonlyMap<string, string>;
  readonly notLive: readonly string[];
}

function shownOf(hosts: readonly { readonly name: string; readonly isLive: boolean }[], rows: ListAnswer["rows"]): Shown {
  const byHost = new Map(hosts.map(({ name }) => [name, [] as [string, string][]]));
  for (const row of rows) byHost.get(`${row.tenantId}/${row.host}`)?.push([row.name, row.sessionId]);
  return {
    rows: new Map([...byHost].map(([name, each]) => [name, rowsText(each)])),
    notLive: hosts.filter(({ isLive }) => !isLive).map(({ name }) => name),
  };
}

function difference(who: string, shown: Shown, truth: ReadonlyMap<string, string | undefined>): string | undefined {
  for (const [host, rows] of truth) {
    const told = shown.rows.get(host);
    if (told === undefined) return `${who} does not show ${host}`;
    if (rows === undefined) continue;
    if (shown.notLive.includes(host)) return `${who} shows ${host} not LIVE`;
    if (told !== rows) return `${who} shows ${host} with [${told}], it has [${rows}]`;
  }
  const extra = [...shown.rows.keys()].find((host) => !truth.has(host));
  return extra === undefined ? undefined : `${who} shows ${extra}, which is not there`;
}
