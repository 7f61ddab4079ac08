import { type AuditChain, type AuditEntry, type AuditHead, type AuditLog, type Clock, MosaicError } from "@mosaic/core";
import { MAX_LINE_BYTES } from "./audit/append-line.ts";
import { fileAuditChain } from "./audit/file-audit-chain.ts";

export interface FileAuditLogOptions {
  readonly path: string;
  readonly clock: Clock;
  /** The file is put aside before it would become larger. Default 64 MiB, which is about 150,000 records. */
  readonly maxFileBytes?: number | undefined;
}

/** How much of an entry is kept: all that is sensible, else less and less. Lengths are in UTF-16 units. */
const KEPT = [
  { length: 1000, facts: 40 },
  { length: 200, facts: 8 },
  { length: 80, facts: 0 },
] as const;

/** Keeps the audit log in a file, one JSON object a line: `index` (from 1), `prev` (the hash of the line before), `at` (ISO 8601), `action`, `actor`, `tenant_id`, `host`, `agent` (when
 *  there is one), `facts`; `is_cut` when the entry was too large for a line of 4 KB. The file is made with mode 0600, its folder
 *  when it is missing. Lines are ASCII: nothing in them can act on the terminal of who reads them. A file that is full goes on
 *  under the name `<path>.<its last index>`, and the chain in a new one; nothing is ever deleted. */
export function fileAuditLog(options: FileAuditLogOptions): AuditLog {
  return chainedAuditLog(fileAuditChain(options));
}

/** An audit log whose records are lines of a chain, shaped as those of {@link fileAuditLog}, with the time of whoever keeps it. */
export function chainedAuditLog(chain: AuditChain): AuditLog {
  return {
    record: (entry) => chain.append(({ head, nowUnixMs }) => auditLine(entry, new Date(nowUnixMs).toISOString(), head)),
  };
}

/** One entry as a line that continues from where the chain stands, without its line break. */
export function auditLine(entry: AuditEntry, at: string, head: AuditHead): string {
  for (const kept of KEPT) {
    const line = asciiJson({ index: head.index + 1, prev: head.hash, ...shaped(entry, at, kept) });
    if (line.length < MAX_LINE_BYTES) return line;
  }
  throw new MosaicError("INTERNAL", `an audit entry of ${entry.action.slice(0, 80)} does not fit into a line`);
}

function shaped(entry: AuditEntry, at: string, kept: (typeof KEPT)[number]): object {
  let isCut = false;
  const short = <T>(value: T): T | string => {
    if (typeof value !== "string" || value.length <= kept.length) return value;
    isCut = true;
    return value.slice(0, kept.length);
  };
  const { action, actor, tenantId, host, agent } = entry;
  const known = Object.entries(entry.facts ?? {});
  const facts = known.slice(0, kept.facts).map(([name, value]) => [short(name), short(value)]);
  const line = {
    at,
    action: short(action),
    actor: short(actor),
    tenant_id: short(tenantId),
    host: short(host),
    ...(agent === undefined ? {} : { agent: short(agent) }),
    facts: Object.fromEntries(facts),
  };
  return isCut || facts.length < known.length ? { ...line, is_cut: true } : line;
}

// Control characters, and those that reorder or hide text, are written out; it is the same JSON.
function asciiJson(value: object): string {
  return JSON.stringify(value).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
