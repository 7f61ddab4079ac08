import type { AuditEntry, AuditLog } from "@mosaic/core";

/** An audit log that keeps its entries in memory. */
export class RecordingAudit implements AuditLog {
  /** Everything recorded, oldest first. */
  readonly entries: AuditEntry[] = [];
  /** Runs before an entry is recorded; lets a test hold or fail one. */
  beforeRecord: (entry: AuditEntry) => Promise<void> = async () => {};

  async record(entry: AuditEntry): Promise<void> {
    await this.beforeRecord(entry);
    this.entries.push(entry);
  }

  /** Entries of one action, oldest first. */
  of(action: string): AuditEntry[] {
    return this.entries.filter((entry) => entry.action === action);
  }
}
