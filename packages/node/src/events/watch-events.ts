import { type EventJournal, MosaicError, selectsHost, serveEvents } from "@mosaic/core";
import type { FleetHandlers } from "@mosaic/rpc";
import type { HostStatus } from "@mosaic/wire";

export interface WatchEventsDeps {
  /** Absent: nothing is kept. */
  readonly events: EventJournal | undefined;
  /** The node's own host, as of now. */
  readonly status: () => HostStatus;
}

/** Serves WatchEvents of a node: what it keeps of its own host. */
export function watchEventsHandler({ events, status }: WatchEventsDeps): FleetHandlers["watchEvents"] {
  return (request, { signal }) => {
    if (!events) throw new MosaicError("NOT_HERE", "this node keeps no events");
    const own = status();
    const hosts = [own].filter((host) => selectsHost(request.selector, host));
    // All of them are about this host: where it is not meant, none is.
    const tenantIds = hosts.length > 0 ? [] : ["?"];
    const { names = [] } = request.selector ?? {};
    const filter = { tenantIds, hosts: [], names, kinds: request.kinds, sinceUnixMs: Number(request.sinceUnixMs) };
    return serveEvents(
      { journal: events, source: { id: own.hostId, role: "node" }, filter, hosts: () => hosts },
      request,
      signal,
    );
  };
}
