import { MosaicError } from "@mosaic/core/light";
import type { CommandDeps } from "../command.ts";
import type { PsOptions } from "../commands/fleet/ps-options.ts";
import { checkScope } from "../fleet/check-scope.ts";
import { ownRoster } from "../fleet/read-fleet.ts";
import { viaOf } from "../fleet/via-of.ts";
import type { Io } from "../io/io.ts";
import { plainText } from "../output/plain-text.ts";
import { askFirst, placesFor } from "../remote/endpoints.ts";
import { askHosts, listHosts } from "../remote/list-fleet.ts";
import { directFeed } from "./direct-feed.ts";
import type { FleetFeed } from "./fleet-feed.ts";
import { remoteFeed } from "./remote-feed.ts";

/** Opens the feed of the fleet that was asked for: over Watch, or of this host itself when it has no node.
 *  @param stack takes what has to be closed at the end */
export async function openFeed(options: PsOptions, io: Io, deps: CommandDeps, stack: AsyncDisposableStack): Promise<FleetFeed> {
  const reach = options.isAllHosts ? "all-hosts" : "this-host";
  const places = placesFor(reach, options.globals);
  const own = await ownRoster(reach, options.globals);
  if (own !== undefined) {
    for (const note of own.notes) io.stderr.write(`${plainText(note)}\n`);
    return await openDirectFeed(options, io, stack);
  }
  const question = { tenants: options.tenants, hosts: options.hosts, isLive: false, timeoutMs: options.timeoutMs };
  try {
    const { place, hosts, scope } = await askFirst(places, async (each) => ({
      place: each,
      ...(await askHosts(deps.remote, each, question)),
    }));
    await checkScope(options, hosts, () => listHosts(deps.remote, place, { ...question, tenants: [], hosts: [] }));
    const connection = stack.use(await deps.remote.streams(place.endpoint));
    const selector = { tenantIds: [...options.tenants], hosts: [...options.hosts] };
    return remoteFeed({ place, via: viaOf(place.via, hosts), connection, selector, clock: io.clock, scope });
  } catch (thrown) {
    if (places[0].via !== "node" || MosaicError.from(thrown).code !== "NOT_SERVED") throw thrown;
    return await openDirectFeed(options, io, stack);
  }
}

async function openDirectFeed({ globals }: PsOptions, io: Io, stack: AsyncDisposableStack): Promise<FleetFeed> {
  const { openDirectHost } = await import("../local/direct-host.ts");
  return directFeed(stack.use(await openDirectHost(globals, io)), io.clock);
}
