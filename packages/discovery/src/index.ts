/** Finds daemons on the local link by multicast DNS, and announces one: addresses only, never membership. */

export { type AdvertiseDeps, advertiseListeners, type Listener } from "./advertise-listeners.ts";
export type { Announcement, DaemonRole } from "./announcement.ts";
export type { BusMessage, MessageBus, MessageCall } from "./avahi/message-bus.ts";
export { type DiscoverDeps, type Discovery, discoverDaemons } from "./discover-daemons.ts";
export type { DiscoveredDaemon } from "./found-daemons.ts";
export { idHashOf } from "./id-hash.ts";
export { type OpenProviderDeps, openProvider } from "./open-provider.ts";
export type { AdvertisedService, BrowseListener, DiscoveryProvider, LinkFamily, LinkProblem, Sighting } from "./provider.ts";
export type { DaemonTxt } from "./read-txt.ts";
export type { Advertising, StartAdvertisingDeps } from "./start-advertising.ts";
