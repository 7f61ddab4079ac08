import type { Agent, HostStatus, Selector } from "@mosaic/wire";

/** True when the host is within the selector. Names never restrict hosts: a host without a matching agent still counts. */
export function selectsHost(selector: Selector | undefined, host: Pick<HostStatus, "tenantId" | "host" | "hostId">): boolean {
  if (!selector) return true;
  return (
    (selector.tenantIds.length === 0 || selector.tenantIds.includes(host.tenantId)) &&
    (selector.hosts.length === 0 ||
      selector.hosts.includes(host.host) ||
      (host.hostId !== "" && selector.hosts.includes(host.hostId)))
  );
}

/** True when the row is within the selector. */
export function selectsRow(selector: Selector | undefined, row: Agent): boolean {
  return selectsHost(selector, row) && (!selector?.names.length || selector.names.includes(row.name));
}

/** True when the selector leaves nothing out. */
export function selectsAll(selector: Selector | undefined): boolean {
  return !selector || (selector.tenantIds.length === 0 && selector.hosts.length === 0 && selector.names.length === 0);
}

/** One text per meaning: equal for selectors that select the same, whatever their order. Binds tokens to selectors. */
export function selectorText(selector: Selector | undefined): string {
  if (selectsAll(selector)) return "";
  const part = (names: readonly string[] = []) => [...new Set(names)].sort();
  // As JSON, because a name may hold any separator one could choose.
  return JSON.stringify([part(selector?.tenantIds), part(selector?.hosts), part(selector?.names)]);
}
