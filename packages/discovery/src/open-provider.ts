import type { Clock } from "@mosaic/core";
import { avahiProvider } from "./avahi/avahi.ts";
import type { MessageBus } from "./avahi/message-bus.ts";
import { assertLinks, type Link, listLinks } from "./mdns/links.ts";
import type { DiscoveryProvider } from "./provider.ts";

export interface OpenProviderDeps {
  readonly clock: Clock;
  readonly random: () => number;
  /** Connects to the system bus, where avahi-daemon is met. @throws Error when there is none */
  readonly connectBus: () => Promise<MessageBus>;
  /** Default: this host's. */
  readonly listLinks?: () => readonly Link[];
}

/** Opens multicast DNS: through avahi-daemon when it runs, because two responders on a host get in each other's way; else in
 *  this process.
 *  @throws MosaicError MACHINE when no interface can do multicast */
export async function openProvider(deps: OpenProviderDeps): Promise<DiscoveryProvider> {
  const list = deps.listLinks ?? (() => listLinks());
  // Avahi-daemon would find nothing and say nothing.
  assertLinks(list());
  const bus = await connect(deps);
  const avahi = bus === undefined ? undefined : await avahiProvider(bus, deps.clock);
  if (avahi !== undefined) return avahi;
  // Loaded only where there is no avahi-daemon.
  const { inProcessProvider } = await import("./mdns/in-process.ts");
  return inProcessProvider({ clock: deps.clock, random: deps.random, listLinks: list });
}

async function connect({ connectBus }: OpenProviderDeps): Promise<MessageBus | undefined> {
  try {
    return await connectBus();
  } catch {
    // A host without a system bus, as in a container, has no avahi-daemon either.
    return undefined;
  }
}
