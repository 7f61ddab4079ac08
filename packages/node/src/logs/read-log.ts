import { type Clock, MosaicError, type OwnLog, StreamPlaces, serveLog } from "@mosaic/core";
import type { FleetHandlers } from "@mosaic/rpc";
import type { ReadLogRequest } from "@mosaic/wire";

export interface ReadLogDeps {
  readonly ownLog: OwnLog;
  readonly clock: Clock;
}

/** Whose log it is. */
export interface LogOwner {
  readonly tenantId: string;
  readonly host: string;
  readonly hostId: string;
}

/** Each holds a connection, and nothing else: several people who look at one fault. */
const MAX_READERS = 16;

/** Serves ReadLog on a node: its own log, and nobody else's. */
export function readLogHandler({ ownLog, clock }: ReadLogDeps, owner: LogOwner): FleetHandlers["readLog"] {
  const places = new StreamPlaces(MAX_READERS, `readers of the log of ${owner.tenantId}/${owner.host}`);
  const { tenantId, host, hostId: id } = owner;
  return (request, { signal }) => {
    assertMeansUs(owner, request);
    return serveLog({ own: ownLog, clock, places, source: { tenantId, host, id } }, request, signal);
  };
}

function assertMeansUs({ tenantId, host, hostId }: LogOwner, asked: ReadLogRequest): void {
  const isOurTenant = asked.tenantId === "" || asked.tenantId === tenantId;
  const isOurHost = asked.host === "" || asked.host === host || asked.host === hostId;
  if (asked.aggregatorId === "" && isOurTenant && isOurHost) return;
  const wanted = asked.aggregatorId === "" ? `${asked.tenantId || tenantId}/${asked.host || host}` : asked.aggregatorId;
  throw new MosaicError("HOST_NOT_FOUND", `there is no log of ${wanted} here: this is the node of ${tenantId}/${host}`, {
    hint: "ask the aggregator: mosaic logs --all-hosts, or name it with --endpoint",
  });
}
