import type { FoundRecord } from "../journal.ts";
import { fromRecord, type MessageFacts } from "../message-record.ts";
import type { DatabaseRow } from "./database.ts";

/** A message as it stands in the database. */
export interface OutboxRow {
  readonly facts: MessageFacts;
  readonly textBytes: number;
  /** Id of the aggregator that carries it, or did last. */
  readonly owner: string;
  /** The token of the lease under which it does. */
  readonly ownerToken: number;
  /** Rises with each change. */
  readonly version: number;
}

/** What of a message is read; its text lies apart. */
export const OUTBOX_COLUMNS = `sequence, message_id, payload_sha256, traceparent, expires_at_unix_ms, policy, command, receipt, injecting,
  octet_length(text) AS text_bytes, owner, owner_token, version`;

/** @throws Error when it holds something else than was written */
export function toOutboxRow(row: DatabaseRow): OutboxRow {
  const command = row["command"];
  const record: FoundRecord = {
    sequence: Number(row["sequence"]),
    messageId: String(row["message_id"]),
    payloadSha256: String(row["payload_sha256"]),
    traceparent: String(row["traceparent"]),
    expiresAtUnixMs: Number(row["expires_at_unix_ms"]),
    policy: String(row["policy"]),
    command: command === null ? null : String(command),
    receipt: row["receipt"] as Uint8Array,
    injecting: String(row["injecting"]),
    textBytes: Number(row["text_bytes"]),
  };
  return {
    facts: fromRecord(record),
    textBytes: record.textBytes,
    owner: String(row["owner"]),
    ownerToken: Number(row["owner_token"]),
    version: Number(row["version"]),
  };
}
