import type { HostStatus, ReadLogRequest } from "@mosaic/wire";
import { hostNamed } from "../logs/host-named.ts";

/** Completes a request for a host's log by what a caller may see: a host that it may not see is one that is not there.
 *  @returns a request for the aggregator's own log where it asks for an aggregator's, which is refused in one way for all
 *  @throws MosaicError HOST_NOT_FOUND, USAGE */
export function scopedLog(request: ReadLogRequest, hosts: readonly HostStatus[], tenantIds: readonly string[]): ReadLogRequest {
  if (request.host === "") return { ...request, aggregatorId: "" };
  const seen = hosts.filter(({ tenantId }) => tenantIds.includes(tenantId));
  const { tenantId, host } = hostNamed(seen, request);
  return { ...request, tenantId, host };
}
