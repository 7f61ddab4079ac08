import { MosaicError } from "@mosaic/core/light";
import type { CommandDeps } from "../command.ts";
import type { PsOptions } from "../commands/fleet/ps-options.ts";
import { checkScope } from "../fleet/check-scope.ts";
import { viaOf } from "../fleet/via-of.ts";
import type { Io } from "../io/io.ts";
import { askFirst, placesFor } from "../remote/endpoints.ts";
import { listHosts } from "../remote/list-fleet.ts";
import { directFeed } from "./direct-feed.ts";
import type { FleetFeed } from "./fleet-feed.ts";
import { remoteFeed } from "./remote-feed.ts";

/** Opens the feed of the fleet that was asked for: over Watch, or of this host itself when it has no node.
 *  @param stack takes what has to be closed at the end */
export async function openFeed(options: PsOptions, io: Io, deps: CommandDeps, stack: AsyncDisposableStack): Promise<FleetFeed> {
  const places = placesFor(options.isAllHosts ? "all-hosts" : "this-host", options.globals);
  const question = { tenants: options.tenants, hosts: options.hosts, isLive: false, timeoutMs: options.timeoutMs };
  try {
    const { place, hosts } = await askFirst(places, async (each) => ({
      place: each,
      hosts: await listHosts(deps.remote, each, question),
    }));
    await checkScope(options, hosts, () => listHosts(deps.remote, place, { ...question, tenants: [], hosts: [] }));
    const connection = stack.use(await deps.remote.streams(place.endpoint));
    const selector = { tenantIds: [...options.tenants], hosts: [...options.hosts] };
    return remoteFeed({ place, via: viaOf(place.via, hosts), connection, selector, clock: io.clock });
  } catch (thrown) {
    if (places[0].via !== "node" || MosaicError.from(thrown).code !== "NOT_SERVED") throw thrown;
    const { openDirectHost } = await import("../local/direct-host.ts");
    return directFeed(stack.use(await openDirectHost(options.globals.mosaicHome, io)), io.clock);
  }
}
