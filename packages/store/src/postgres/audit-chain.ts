import { createHash } from "node:crypto";
import type { AuditChain, AuditChainEnd, AuditHead } from "@mosaic/core";
import { makeAuditChain } from "./audit-schema.ts";
import type { Database, DatabaseRow, Transaction } from "./database.ts";
import { GroupQueue } from "./group-queue.ts";

/** Whoever adds to the chain holds its head until that is committed: one after the other, over all aggregators. */
const LOCK_HEAD = `SELECT place, hash, line, (SELECT max(id) FROM mosaic.audit_record) AS newest,
    (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now
  FROM mosaic.audit_head FOR UPDATE`;
const APPEND = `WITH added AS (INSERT INTO mosaic.audit_record (id, line) SELECT * FROM unnest($1::bigint[], $2::text[]))
  UPDATE mosaic.audit_head SET place = $3, hash = $4, line = $5`;
const LINE_AT = "SELECT line FROM mosaic.audit_record WHERE id = $1";
const KEEP_SIGNER = `INSERT INTO mosaic.audit_signer (key_id, authorities_sha256, certificates) VALUES ($1, $2, $3)
  ON CONFLICT DO NOTHING`;
/** So that one that waited for a lost database does not come back as one statement of megabytes. */
const MAX_GROUP = 100;

interface Waiting {
  readonly toLine: (end: AuditChainEnd) => string | undefined;
  readonly resolve: () => void;
  readonly reject: (thrown: unknown) => void;
}

/** The chain of audit records that aggregators share: one for all of them, in one table, with the server's time. What one of them
 *  records at the same moment is one transaction. */
export function postgresAuditChain(database: Database): AuditChain {
  // One transaction at a time: those that waited for the head would keep connections from everything else.
  const queue = new GroupQueue<Waiting>((group) => appendGroup(database, group), MAX_GROUP);
  const kept = new Map<string, string>();
  return {
    append: (toLine) => new Promise((resolve, reject) => queue.push({ toLine, resolve, reject })),
    async keepSigner({ keyId, certificatesPem }) {
      if (kept.get(keyId) === certificatesPem) return;
      await database.write("keep who signs the audit log", async (transaction) => {
        await makeAuditChain(transaction);
        await transaction.query(KEEP_SIGNER, [keyId, sha256(behindTheLeaf(certificatesPem)), certificatesPem]);
      });
      kept.set(keyId, certificatesPem);
    },
  };
}

async function appendGroup(database: Database, group: readonly Waiting[]): Promise<void> {
  try {
    const refused = await database.write("write the audit log", (transaction) => appendTo(transaction, group));
    for (const waiting of group) {
      if (refused.has(waiting)) waiting.reject(refused.get(waiting));
      else waiting.resolve();
    }
  } catch (thrown) {
    for (const { reject } of group) reject(thrown);
  }
}

/** @returns those whose line could not be made, and why */
async function appendTo(transaction: Transaction, group: readonly Waiting[]): Promise<ReadonlyMap<Waiting, unknown>> {
  const refused = new Map<Waiting, unknown>();
  let end = await lockEnd(transaction);
  const added: { readonly index: number; readonly line: string }[] = [];
  for (const waiting of group) {
    try {
      const line = waiting.toLine(end);
      if (line === undefined) continue;
      const head = { index: end.head.index + 1, hash: sha256(line) };
      added.push({ index: head.index, line });
      end = { ...end, head, lastLine: line };
    } catch (thrown) {
      refused.set(waiting, thrown);
    }
  }
  if (added.length === 0) return refused;
  const { head, lastLine } = end;
  const columns = [added.map(({ index }) => index), added.map(({ line }) => line)];
  await transaction.query(APPEND, [...columns, head.index, head.hash, lastLine]);
  return refused;
}

async function lockEnd(transaction: Transaction): Promise<AuditChainEnd> {
  const row = (await headRow(transaction)) ?? (await made(transaction));
  const [place, newest, nowUnixMs] = [Number(row["place"]), Number(row["newest"]), Number(row["now"])];
  if (newest <= place) {
    const line = String(row["line"]);
    const head: AuditHead = { index: place, hash: String(row["hash"]) };
    return { head, lastLine: line === "" ? undefined : line, nowUnixMs };
  }
  // Somebody put records behind the place, or the place back: it goes on behind them, and whoever looks through it finds that.
  const { rows } = await transaction.query<DatabaseRow>(LINE_AT, [newest]);
  const line = String(rows[0]?.["line"]);
  return { head: { index: newest, hash: sha256(line) }, lastLine: line, nowUnixMs };
}

async function headRow(transaction: Transaction): Promise<DatabaseRow | undefined> {
  // A statement that fails would end the transaction.
  const { rows } = await transaction.query<DatabaseRow>("SELECT to_regclass('mosaic.audit_head') IS NOT NULL AS there");
  return rows[0]?.["there"] === true ? (await transaction.query<DatabaseRow>(LOCK_HEAD)).rows[0] : undefined;
}

async function made(transaction: Transaction): Promise<DatabaseRow> {
  await makeAuditChain(transaction);
  const { rows } = await transaction.query<DatabaseRow>(LOCK_HEAD);
  if (rows[0]) return rows[0];
  throw new Error("the audit log has no place to go on from");
}

const END = "-----END CERTIFICATE-----\n";

function behindTheLeaf(certificatesPem: string): string {
  const end = certificatesPem.indexOf(END);
  return end < 0 ? "" : certificatesPem.slice(end + END.length);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
