import type { DatabaseRow, Transaction } from "./database.ts";
import { SCHEMA_LOCK } from "./schema.ts";

/** The chain of audit records that aggregators share: lines as they were written, where it stands, and certificates of who signed.
 *  Beside `mosaic.audit`, in which an older Mosaic goes on to write. */
const TABLES = `
  CREATE TABLE mosaic.audit_record (id bigint PRIMARY KEY, line text NOT NULL);
  CREATE TABLE mosaic.audit_head (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    place bigint NOT NULL,
    hash text NOT NULL,
    line text NOT NULL
  );
  CREATE TABLE mosaic.audit_signer (
    key_id text NOT NULL,
    authorities_sha256 text NOT NULL,
    kept_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    certificates text NOT NULL,
    PRIMARY KEY (key_id, authorities_sha256)
  );
`;
const FIRST_HEAD = `INSERT INTO mosaic.audit_head (place, hash, line) VALUES (0, repeat('0', 64), '') ON CONFLICT DO NOTHING`;

/** Says whether a database has the tables of a chain. */
export async function hasAuditChain(client: Pick<Transaction, "query">): Promise<boolean> {
  const { rows } = await client.query<DatabaseRow>("SELECT to_regclass('mosaic.audit_signer') IS NOT NULL AS there");
  return rows[0]?.["there"] === true;
}

/** Makes the tables of a chain when they are missing, also while others do, and the place from which it starts. */
export async function makeAuditChain(transaction: Transaction): Promise<void> {
  await transaction.query("SELECT pg_advisory_xact_lock($1)", [SCHEMA_LOCK]);
  if (!(await hasAuditChain(transaction))) await transaction.query(TABLES);
  await transaction.query(FIRST_HEAD);
}
