import { create } from "@bufbuild/protobuf";
import { type Agent, type AgentKey, AgentKeySchema, type HostKey, HostKeySchema, type HostStatus } from "@mosaic/wire";

/** Text that names one row of a view; sorts like the row within its host. */
export function rowKeyOf(row: Pick<AgentKey, "tenantId" | "hostId" | "name">): string {
  return `${row.tenantId}/${row.hostId}/${row.name}`;
}

/** Text that names one host of a view. A host that was never heard from has no id yet, so its name stands in. */
export function hostKeyOf(host: Pick<HostKey, "tenantId" | "hostId" | "host">): string {
  return host.hostId === "" ? `${host.tenantId}//${host.host}` : `${host.tenantId}/${host.hostId}`;
}

/** The key of a row, as a message. */
export function agentKeyOf(row: Pick<Agent, "tenantId" | "hostId" | "name">): AgentKey {
  return create(AgentKeySchema, { tenantId: row.tenantId, hostId: row.hostId, name: row.name });
}

/** The key of a host, as a message. */
export function hostKeyMessage(host: Pick<HostStatus, "tenantId" | "hostId" | "host">): HostKey {
  return create(HostKeySchema, { tenantId: host.tenantId, hostId: host.hostId, host: host.host });
}

/** A row's place in the order of rows. */
export type RowPosition = Pick<Agent, "tenantId" | "host" | "hostId" | "name">;

/** Orders rows by (tenant, host, name), and by host id where two hosts share a name. */
export function compareRows(a: RowPosition, b: RowPosition): number {
  return (
    compareText(a.tenantId, b.tenantId) ||
    compareText(a.host, b.host) ||
    compareText(a.hostId, b.hostId) ||
    compareText(a.name, b.name)
  );
}

/** Orders hosts by (tenant, host), and by host id where two hosts share a name. */
export function compareHosts(a: HostStatus, b: HostStatus): number {
  return compareText(a.tenantId, b.tenantId) || compareText(a.host, b.host) || compareText(a.hostId, b.hostId);
}

// Code-unit order: the same on every machine, whatever its locale.
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
