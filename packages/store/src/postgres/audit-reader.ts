import { type AuditHead, silentLog } from "@mosaic/core";
import { hasAuditChain } from "./audit-schema.ts";
import { Database, type DatabaseRow } from "./database.ts";
import { toStoreError } from "./database-error.ts";
import type { StoreUrl } from "./store-url.ts";

/** The audit log that aggregators share in a database, for whoever looks through it. Disposing closes the connection. */
export interface SharedAuditReader extends AsyncDisposable {
  /** Where the lines are, for people, without secrets. */
  readonly shown: string;
  /** Where the chain stands; undefined: nobody kept it.
   *  @throws MosaicError STORE_UNAVAILABLE */
  head(): Promise<AuditHead | undefined>;
  /** The lines as they stand, by their place in the table: what an older Mosaic recorded first, which is no chain.
   *  @throws MosaicError STORE_UNAVAILABLE */
  lines(): AsyncGenerator<{ readonly text: string; readonly row: number }>;
  /** Certificates by key id, in PEM, the oldest chain first.
   *  @throws MosaicError STORE_UNAVAILABLE */
  signers(): Promise<ReadonlyMap<string, string>>;
}

const PAGE = 5000;
const RECORDS = "SELECT id, line FROM mosaic.audit_record WHERE id > $1 ORDER BY id LIMIT $2";
const UNCHAINED = `SELECT id, json_build_object('at', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'action', action,
    'actor', actor, 'tenant_id', tenant_id, 'host', host, 'agent', agent, 'facts', facts)::text AS line
  FROM mosaic.audit WHERE id > $1 ORDER BY id LIMIT $2`;
const HEAD = "SELECT place, hash FROM mosaic.audit_head";
const SIGNERS = "SELECT key_id, certificates FROM mosaic.audit_signer ORDER BY key_id, kept_at";
const HAS_OLDER = "SELECT to_regclass('mosaic.audit') IS NOT NULL AS there";

/** Opens the audit log in a database, and makes nothing there.
 *  @throws MosaicError STORE_UNAVAILABLE */
export async function openSharedAudit(url: StoreUrl): Promise<SharedAuditReader> {
  const client = await new Database({ url, applicationName: "mosaic-audit", log: silentLog }).connect();
  const ask = async (sql: string, values: readonly unknown[] = []): Promise<readonly DatabaseRow[]> => {
    try {
      return (await client.query<DatabaseRow>(sql, [...values])).rows;
    } catch (thrown) {
      throw toStoreError(thrown, { what: "read the audit log", shown: url.shown });
    }
  };
  const isThere = await orStoreError(hasAuditChain(client), url);
  return {
    shown: url.shown,
    async head() {
      const [row] = isThere ? await ask(HEAD) : [];
      return row && { index: Number(row["place"]), hash: String(row["hash"]) };
    },
    async *lines() {
      if ((await ask(HAS_OLDER))[0]?.["there"] === true) yield* paged(ask, UNCHAINED);
      if (isThere) yield* paged(ask, RECORDS);
    },
    async signers() {
      const chains = new Map<string, string>();
      for (const row of isThere ? await ask(SIGNERS) : []) {
        const keyId = String(row["key_id"]);
        chains.set(keyId, `${chains.get(keyId) ?? ""}${String(row["certificates"])}`);
      }
      return chains;
    },
    [Symbol.asyncDispose]: () => client.end(),
  };
}

async function orStoreError<T>(work: Promise<T>, url: StoreUrl): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    throw toStoreError(thrown, { what: "read the audit log", shown: url.shown });
  }
}

async function* paged(ask: (sql: string, values: readonly unknown[]) => Promise<readonly DatabaseRow[]>, sql: string) {
  for (let after = 0; ; ) {
    const rows = await ask(sql, [after, PAGE]);
    for (const row of rows) {
      after = Number(row["id"]);
      yield { text: String(row["line"]), row: after };
    }
    if (rows.length < PAGE) return;
  }
}
