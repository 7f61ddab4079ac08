import type { AuditEntry, Clock } from "@mosaic/core";
import { fileAuditLog } from "@mosaic/host";

/** One verification for the record: who found what, where. Facts are flat and hold nothing secret: lines are never taken out. */
export interface VerificationRecord extends AuditEntry {
  /** `<command>.<step>`, for example `gate.verdict` or `upgrade.verdict`. */
  readonly action: string;
}

/** Names the one log of a home in which every verification of a release or an upgrade stands.
 *  @param home MOSAIC_HOME, absolute */
export function verificationLogPath(home: string): string {
  return `${home}/fleet/verification.jsonl`;
}

/** Adds one line to a verification log. It is on disk when this resolves. The log has the form of the audit log: each line holds the
 *  SHA-256 of the line before, writers wait for each other, half a line that a crash left stays and swallows nothing, and where it ends
 *  is kept beside it. `mosaic release log` and `mosaic audit verify <path>` judge it.
 *  @param path absolute, see verificationLogPath; its folder is made (0700), the file has mode 0600
 *  @throws MosaicError MACHINE when it can't be written: then what it is about must not be taken as verified */
export async function appendVerification(path: string, record: VerificationRecord, clock: Clock): Promise<void> {
  await fileAuditLog({ path, clock }).record(record);
}
