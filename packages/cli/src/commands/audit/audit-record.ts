import { isMapping, parseMapping, textOf } from "@mosaic/core/light";

/** One record, as `audit list --json` tells it: as it stands in the log. */
export interface ListedRecord {
  /** Null: it is from before records had one, and nothing protects it. */
  readonly index: number | null;
  /** ISO 8601, by the clock of that host. */
  readonly at: string;
  readonly action: string;
  readonly actor: string;
  readonly tenant_id: string;
  readonly host: string;
  /** Null: it was done to the host. */
  readonly agent: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
  /** True when the record was too large for its line, and something of it was left out. */
  readonly is_cut: boolean;
}

/** What `audit list --json` prints. The names of its fields are a contract; see list.test.ts. */
export interface AuditListAnswer {
  readonly schema: "mosaic.audit.list/1";
  /** False: more records fit than --limit lets through; the newest are there. */
  readonly complete: boolean;
  readonly path: string;
  /** Lines of the log that are no record. */
  readonly unreadable_count: number;
  /** Oldest first. */
  readonly items: readonly ListedRecord[];
}

/** Reads one line of an audit log; undefined: it is no record. */
export function parseAuditRecord(line: string): ListedRecord | undefined {
  const value = parseMapping(line);
  if (typeof value?.["action"] !== "string" || typeof value["at"] !== "string") return undefined;
  const { index, facts, agent, is_cut } = value;
  return {
    index: typeof index === "number" ? index : null,
    at: value["at"],
    action: value["action"],
    actor: textOf(value["actor"]),
    tenant_id: textOf(value["tenant_id"]),
    host: textOf(value["host"]),
    agent: typeof agent === "string" ? agent : null,
    facts: isMapping(facts) ? facts : {},
    is_cut: is_cut === true,
  };
}
