import type { HostStatus } from "@mosaic/wire";

/** True when a host's status tells something that the one before did not. Ages, clocks, counts and retry times are told with
 *  each answer; only the rest is worth a change of its own. */
export function isNews(before: HostStatus | undefined, after: HostStatus): boolean {
  return before === undefined || essence(before) !== essence(after);
}

function essence(host: HostStatus): string {
  return JSON.stringify([
    host.state,
    host.code,
    host.detail,
    host.host,
    host.via,
    host.address,
    host.version,
    host.sources,
    host.conditions.map((one) => [one.type, one.message]),
    host.routes.map((route) => [route.member, route.state, route.via]),
  ]);
}
