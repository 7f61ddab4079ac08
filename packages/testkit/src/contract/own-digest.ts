import type { Agent } from "@mosaic/wire";

/** The digest of a view as watch.proto defines it, computed the slow and obvious way: an opinion that owes nothing to the
 *  code under test. */
export function ownDigest(
  rows: Iterable<{ readonly row: Pick<Agent, "tenantId" | "hostId" | "name">; readonly rev: bigint }>,
): bigint {
  let sum = 0n;
  for (const { row, rev } of rows) sum += fnv1a(`${row.tenantId}/${row.hostId}/${row.name}@${rev.toString(10)}`);
  return sum % 2n ** 64n;
}

function fnv1a(text: string): bigint {
  let hash = 14695981039346656037n;
  for (const byte of Buffer.from(text, "utf8")) hash = ((hash ^ BigInt(byte)) * 1099511628211n) % 2n ** 64n;
  return hash;
}
