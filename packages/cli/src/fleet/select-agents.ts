import { type AddressedRow, parseAddress, resolveAddress } from "@mosaic/core/light";
import type { AgentJson } from "@mosaic/wire";

/** Picks the rows that addresses name, in the rows' order; every row when none is given.
 *  @throws MosaicError USAGE for what is no address, AGENT_NOT_FOUND with near names, AGENT_AMBIGUOUS with the candidates */
export function selectAgents(rows: readonly AgentJson[], addresses: readonly string[]): readonly AgentJson[] {
  if (addresses.length === 0) return rows;
  const known = rows.map((row): AddressedRow & { row: AgentJson } => ({
    tenantId: row.tenantId ?? "",
    host: row.host ?? "",
    hostId: row.hostId ?? "",
    name: row.name ?? "",
    row,
  }));
  const wanted = new Set(addresses.map((address) => resolveAddress(known, parseAddress(address)).row));
  return rows.filter((row) => wanted.has(row));
}
