import { type Clock, MosaicError } from "@mosaic/core";
import { type DiscoveredDaemon, FoundDaemons } from "./found-daemons.ts";
import { type Link, listLinks } from "./mdns/links.ts";
import type { DiscoveryProvider, LinkProblem } from "./provider.ts";

export interface Discovery {
  readonly daemons: readonly DiscoveredDaemon[];
  /** Links where looking did not work. */
  readonly problems: readonly LinkProblem[];
  /** How often something was left out because there was too much of it. */
  readonly leftOutCount: number;
  readonly by: DiscoveryProvider["name"];
  /** Names of the interfaces that were looked on, ordered. */
  readonly interfaceNames: readonly string[];
}

export interface DiscoverDeps {
  readonly clock: Clock;
  readonly openProvider: () => Promise<DiscoveryProvider>;
  /** Where there is to look. Default: this host's links. */
  readonly listLinks?: () => readonly Link[];
}

/** Looks for daemons on the links of this host for a time, or until the signal aborts, which is no error.
 *  @throws MosaicError MACHINE when no link can do multicast */
export async function discoverDaemons(deps: DiscoverDeps, timeoutMs: number, signal: AbortSignal): Promise<Discovery> {
  const found = new FoundDaemons();
  await using provider = await deps.openProvider();
  const over = new AbortController();
  const ended = provider.ended.then((reason) => {
    found.onProblem({ link: undefined, reason });
    over.abort();
  });
  await using _browsing = await provider.browse(found);
  await Promise.race([deps.clock.sleep(timeoutMs, AbortSignal.any([signal, over.signal])), ended]);
  const links = (deps.listLinks ?? (() => listLinks()))();
  const interfaceNames = [...new Set(links.map(({ interfaceName }) => interfaceName))].toSorted();
  const hasFailed = found.problems.length >= links.length || found.problems.some(({ link }) => link === undefined);
  // Where nobody could be asked, to have found nobody means nothing.
  if (hasFailed && found.list().length === 0) throw multicastFails(found.problems);
  const { problems, leftOutCount } = found;
  return { daemons: found.list(), problems, leftOutCount, by: provider.name, interfaceNames };
}

function multicastFails(problems: readonly LinkProblem[]): MosaicError {
  const reasons = problems.map(({ reason }) => reason);
  return new MosaicError("MACHINE", `multicast is not available: ${reasons.slice(0, 4).join("; ")}`, {
    hint: "look at the interfaces and the firewall (UDP port 5353), or name a daemon with --endpoint",
  });
}
