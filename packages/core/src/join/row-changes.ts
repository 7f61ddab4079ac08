import { equals } from "@bufbuild/protobuf";
import { type Agent, AgentSchema } from "@mosaic/wire";
import type { FleetChange, FleetState } from "../watch/fleet-state.ts";
import { agentKeyOf, rowKeyOf } from "../watch/keys.ts";

/** How far `last_activity_unix_ms` may move before it is worth a change of its own, in ms: a busy agent must not become a
 *  delta per line of output. */
const ACTIVITY_GRAIN_MS = 5000n;

/** The changes that bring one host's rows in `state` to `rows`. A row in which only the activity moved, and by less than
 *  5 s, is left as it was. */
export function rowChanges(
  state: FleetState,
  host: { tenantId: string; hostId: string; host: string },
  rows: readonly Agent[],
): FleetChange[] {
  const wanted = new Set(rows.map(rowKeyOf));
  const gone = state.rowsOf(host).filter(({ row }) => !wanted.has(rowKeyOf(row)));
  return [...gone.map(({ row }): FleetChange => ({ kind: "delete", key: agentKeyOf(row) })), ...changedRows(state, rows)];
}

/** The same of some rows, which takes none away: for who knows that the others are as they were. */
export function changedRows(state: FleetState, rows: readonly Agent[]): FleetChange[] {
  const changed = rows.filter((row) => !isSameForReaders(state.row(row)?.row, row));
  return changed.map((row): FleetChange => ({ kind: "upsert", row }));
}

function isSameForReaders(before: Agent | undefined, after: Agent): boolean {
  if (before === after) return true;
  if (!before) return false;
  if (before.pane && after.pane) {
    const movedMs = after.pane.lastActivityUnixMs - before.pane.lastActivityUnixMs;
    if (movedMs >= ACTIVITY_GRAIN_MS || movedMs < 0n) return false;
    return equals(AgentSchema, before, { ...after, pane: { ...after.pane, lastActivityUnixMs: before.pane.lastActivityUnixMs } });
  }
  return equals(AgentSchema, before, after);
}
