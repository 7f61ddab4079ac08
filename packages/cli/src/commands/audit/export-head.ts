import type { AuditHead } from "@mosaic/host";

const SCHEMA = "mosaic.audit.head/1";

/** The last line of an export: where the log stands behind its last record. */
export function formatExportHead({ index, hash }: AuditHead): string {
  return JSON.stringify({ schema: SCHEMA, index, hash });
}

/** Reads what {@link formatExportHead} wrote; undefined: the line is another one. */
export function parseExportHead(line: string): AuditHead | undefined {
  if (!line.startsWith(`{"schema":"${SCHEMA}"`)) return undefined;
  const [, index, hash] = /^\{"schema":"[^"]+","index":(\d{1,15}),"hash":"([0-9a-f]{64})"\}$/.exec(line) ?? [];
  return index === undefined || hash === undefined ? undefined : { index: Number(index), hash };
}
