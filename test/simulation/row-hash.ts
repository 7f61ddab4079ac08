/** What one row adds to a digest, by the words of watch.proto: FNV-1a over `tenant/host/name@rev`. Written anew, so that a fault in
 *  the product's own does not judge itself. */
export function rowHash(row: { readonly tenantId: string; readonly hostId: string; readonly name: string }, rev: bigint): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(`${row.tenantId}/${row.hostId}/${row.name}@${rev}`, "utf8"))
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}
