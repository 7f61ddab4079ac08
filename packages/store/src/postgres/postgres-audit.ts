import type { AuditLog } from "@mosaic/core";
import type { Database } from "./database.ts";

const INSERT = `INSERT INTO mosaic.audit (recorded_by, action, actor, tenant_id, host, agent, facts) VALUES ($1, $2, $3, $4, $5, $6, $7)`;
const MAX_LENGTH = 1000;
const MAX_FACTS = 40;

/** The audit log of several aggregators, in one table, with the server's time.
 *  @param recordedBy id of the aggregator that records */
export function postgresAudit(database: Database, recordedBy: string): AuditLog {
  return {
    async record({ action, actor, tenantId, host, agent, facts = {} }) {
      const kept = Object.entries(facts).slice(0, MAX_FACTS);
      const shown = Object.fromEntries(
        kept.map(([name, value]) => [plain(name), typeof value === "string" ? plain(value) : value]),
      );
      const texts = [recordedBy, action, actor, tenantId, host].map(plain);
      const values = [...texts, agent === undefined ? null : plain(agent), JSON.stringify(shown)];
      await database.write("write the audit log", (transaction) => transaction.query(INSERT, values));
    },
  };
}

// PostgreSQL's texts can't hold a NUL; an entry is not lost for one.
function plain(text: string): string {
  return text.slice(0, MAX_LENGTH).replaceAll("\0", "\ufffd");
}
