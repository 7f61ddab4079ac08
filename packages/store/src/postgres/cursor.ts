/** Selects the place that a statement reads at: its snapshot, `xmin:xmax:xip_list`. */
export const CURSOR = "pg_current_snapshot()::text";

/** True for a row that who read at the place $1 (with {@link sinceValues}) has not seen as it is: exact, whatever was committed late,
 *  and not held up by somebody's long transaction, as a bound by `xmin` alone would be. */
export const CHANGED_SINCE = "changed_xid >= $2::xid8 AND NOT pg_visible_in_snapshot(changed_xid, $1::pg_snapshot)";

/** The values of {@link CHANGED_SINCE}. The oldest transaction that may matter is given by itself, so that an index finds it. */
export function sinceValues(cursor: string): [cursor: string, xmin: string] {
  return [cursor, partOf(cursor, 0)];
}

/** True when a later reading came to an earlier place: the database was put back in time, and what changed can't be told. */
export function isPutBack(before: string, after: string): boolean {
  return BigInt(partOf(after, 1)) < BigInt(partOf(before, 1));
}

function partOf(cursor: string, index: 0 | 1): string {
  const part = /^(\d+):(\d+):[\d,]*$/.exec(cursor)?.[index + 1];
  if (part === undefined) throw new Error(`"${cursor}" is no place in this store`);
  return part;
}
