import { existsSync, statSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import type { FoundRecord } from "../journal.ts";

const CANNOT_OPEN = 14;

const COLUMNS = `message.sequence, message_id AS messageId, payload_sha256 AS payloadSha256, traceparent,
  expires_at_unix_ms AS expiresAtUnixMs, policy, command, receipt, injecting, octet_length(text) AS textBytes`;
const ROWS = `SELECT ${COLUMNS} FROM message JOIN progress USING (sequence)`;

/** Reads a database beside its writer, in the calling thread: reading waits for no writer and no fsync. */
export class RecordReader implements Disposable {
  /** True: the disk was read-only, and changes made since are not seen. */
  readonly isFrozen: boolean;
  readonly #database: DatabaseSync;
  #text: StatementSync | undefined;

  /** @throws what SQLite says */
  constructor(path: string) {
    const live = openBesideWriter(path);
    this.isFrozen = live === undefined;
    this.#database = live ?? openFrozen(path);
  }

  /** The highest sequence ever given. */
  lastSequence(): number {
    const row = this.#database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'message'").get();
    return Number(row?.["seq"] ?? 0);
  }

  /** All records by sequence. */
  all(): FoundRecord[] {
    return this.#database.prepare(`${ROWS} ORDER BY message.sequence`).all() as unknown as FoundRecord[];
  }

  /** What can be read of a damaged file: from both ends to where it breaks. */
  salvage(): FoundRecord[] {
    const found = new Map<number, FoundRecord>();
    for (const direction of ["ASC", "DESC"]) {
      try {
        const rows = this.#database.prepare(`${ROWS} ORDER BY message.sequence ${direction}`).iterate();
        for (const row of rows as Iterable<unknown>) found.set((row as FoundRecord).sequence, row as FoundRecord);
      } catch {
        // Here it breaks; that it is damaged is known already.
      }
    }
    return [...found.values()].sort((a, b) => a.sequence - b.sequence);
  }

  /** The text of a message, or undefined when there is no such message. */
  text(sequence: number): string | undefined {
    this.#text ??= this.#database.prepare("SELECT text FROM message WHERE sequence = ?");
    const text = this.#text.get(sequence)?.["text"];
    return text instanceof Uint8Array ? new TextDecoder("utf-8", { ignoreBOM: true }).decode(text) : undefined;
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

function openBesideWriter(path: string): DatabaseSync | undefined {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 1000 });
  try {
    database.prepare("SELECT 1 FROM sqlite_schema").get();
    return database;
  } catch (thrown) {
    database.close();
    const isLogEmpty = (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) === 0;
    if ((thrown as { errcode?: number }).errcode === CANNOT_OPEN && existsSync(path) && isLogEmpty) return undefined;
    throw thrown;
  }
}

/** On a read-only disk SQLite can't make the file that it shares with a writer. As there is no writer, it does without; where there
 *  is a log it would not see that, so that is no way. */
function openFrozen(path: string): DatabaseSync {
  const url = pathToFileURL(path);
  url.searchParams.set("immutable", "1");
  return new DatabaseSync(url, { readOnly: true });
}
