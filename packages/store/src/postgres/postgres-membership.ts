import type { MembershipRecord, MembershipStore } from "@mosaic/core";
import { parseRecords } from "../file/open-membership-store.ts";
import type { ChangeSignal } from "./change-signal.ts";
import { CHANGED_SINCE, CURSOR, isPutBack, sinceValues } from "./cursor.ts";
import type { Database, DatabaseRow, Transaction } from "./database.ts";

/** The channel on which changes of membership are told, and nothing else: a notification takes a lock that all commits share. */
export const MEMBERSHIP_CHANNEL = "mosaic_membership";

const RECORD = `jsonb_build_object('role', role, 'tenantId', tenant_id, 'name', name, 'hostId', host_id, 'addresses', addresses,
  'state', state, 'reason', reason, 'changedBy', changed_by, 'changedAtUnixMs', changed_at_unix_ms, 'rev', rev)`;
const RECORDS = `SELECT coalesce(jsonb_agg(${RECORD}), '[]') FROM mosaic.membership`;
const ALL = `SELECT ${CURSOR} AS cursor, (${RECORDS}) AS records`;
const CHANGED = `SELECT ${CURSOR} AS cursor, (${RECORDS} WHERE ${CHANGED_SINCE}) AS records`;
const INSERT = `INSERT INTO mosaic.membership (role, tenant_id, name, host_id, addresses, state, reason, changed_by, changed_at_unix_ms, rev)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1) ON CONFLICT DO NOTHING RETURNING rev`;
const UPDATE = `UPDATE mosaic.membership SET host_id = $4, addresses = $5, state = $6, reason = $7, changed_by = $8, changed_at_unix_ms = $9,
  rev = rev + 1, changed_xid = pg_current_xact_id() WHERE role = $1 AND tenant_id = $2 AND name = $3 AND rev = $10 RETURNING rev`;

/** Membership by command that several aggregators share. What one changes the others are told of by notification, which may be lost. */
export function postgresMembership(database: Database, signal: ChangeSignal): MembershipStore {
  return {
    list: (gaveUp) => read(database, gaveUp, ALL),
    async changesSince(cursor, gaveUp) {
      const changes = await read(database, gaveUp, CHANGED, sinceValues(cursor));
      return isPutBack(cursor, changes.cursor) ? await read(database, gaveUp, ALL) : changes;
    },
    async put(record, gaveUp) {
      gaveUp.throwIfAborted();
      const rev = await database.write("store a member", (transaction) => put(transaction, record));
      if (rev === undefined) return undefined;
      signal.tell();
      return { ...record, rev };
    },
    onChange: (listener) => signal.onChange(listener),
    [Symbol.asyncDispose]: () => signal[Symbol.asyncDispose](),
  };
}

async function read(database: Database, gaveUp: AbortSignal, sql: string, values: readonly unknown[] = []) {
  gaveUp.throwIfAborted();
  const [row] = await database.read("read membership", sql, values);
  gaveUp.throwIfAborted();
  return { cursor: String(row?.["cursor"]), records: parseRecords(row?.["records"] as readonly unknown[]) };
}

async function put(transaction: Transaction, record: MembershipRecord): Promise<number | undefined> {
  const { role, tenantId, name, hostId, addresses, state, reason, changedBy, changedAtUnixMs, rev } = record;
  const values = [role, tenantId, name, hostId, JSON.stringify(addresses), state, reason, changedBy, changedAtUnixMs];
  const { rows } = await (rev === 0
    ? transaction.query<DatabaseRow>(INSERT, values)
    : transaction.query<DatabaseRow>(UPDATE, [...values, rev]));
  const [stored] = rows;
  if (stored === undefined) return undefined;
  await transaction.query(`NOTIFY ${MEMBERSHIP_CHANNEL}`);
  return Number(stored["rev"]);
}
