import { chmodSync, constants } from "node:fs";
import { access } from "node:fs/promises";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { type AuditHead, type Clock, MosaicError } from "@mosaic/core";

/** How long one writer waits for another, in ms: a record takes about one, unless its writer was stopped half-way. */
const LOCK_WAIT_MS = 10_000;
const LOCK_RETRY_MS = 10;
/** A writer holds readers up only while it puts its one row down. */
const READ_WAIT_MS = 1000;
const BUSY = 5;

/** Does something with the place at which an audit log's chain stands, while no other process does. The place is kept in
 *  `<log>.head`, a small database: its lock is the kernel's and ends with the process, however that ends.
 *  @param work gets the place as it was kept, and returns where the chain stands now
 *  @throws what `work` throws, and the place is then as it was; MosaicError BUSY when another process does not let go */
export async function withAuditHead(
  logPath: string,
  clock: Clock,
  work: (head: AuditHead | undefined) => Promise<AuditHead>,
): Promise<void> {
  const database = await openHead(logPath);
  try {
    await lock(database, logPath, clock);
    database.exec("CREATE TABLE IF NOT EXISTS head (id INTEGER PRIMARY KEY CHECK (id = 1), place INTEGER, hash TEXT) STRICT");
    const head = await work(readRow(database));
    database.prepare("INSERT OR REPLACE INTO head VALUES (1, ?, ?)").run(head.index, head.hash);
    database.exec("COMMIT");
  } finally {
    // What was not committed is taken back with it.
    database.close();
  }
}

/** Where the chain of a log stood when its last record was written; undefined: nobody kept it. */
export async function readAuditHead(logPath: string): Promise<AuditHead | undefined> {
  try {
    const { DatabaseSync } = await import("node:sqlite");
    using database = new DatabaseSync(`${logPath}.head`, { readOnly: true, timeout: READ_WAIT_MS });
    return readRow(database);
  } catch {
    // There is none, it is no database, or one is being made: nothing is known of it.
    return undefined;
  }
}

// Loaded with the first record: most commands write none.
async function openHead(logPath: string): Promise<DatabaseSync> {
  const { DatabaseSync } = await import("node:sqlite");
  const path = `${logPath}.head`;
  let database: DatabaseSync;
  try {
    database = new DatabaseSync(path);
  } catch (thrown) {
    // SQLite only says that it could not open the file, and the system why. Not by opening it: the end of that would end the locks
    // that this process has on it.
    await access(dirname(path), constants.W_OK);
    throw thrown;
  }
  chmodSync(path, 0o600);
  // The log itself is what has to survive a power cut: a place that is behind it is found to be so.
  database.exec("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF");
  return database;
}

// Waits without standing in the way of everything else that this process does.
async function lock(database: DatabaseSync, logPath: string, clock: Clock): Promise<void> {
  const endsAtMs = clock.monotonicMs() + LOCK_WAIT_MS;
  for (;;) {
    try {
      return database.exec("BEGIN IMMEDIATE");
    } catch (thrown) {
      if ((thrown as { errcode?: number }).errcode !== BUSY) throw thrown;
      if (clock.monotonicMs() >= endsAtMs)
        throw new MosaicError("BUSY", `another process does not let go of the audit log "${logPath}"`, { cause: thrown });
    }
    await clock.sleep(LOCK_RETRY_MS, AbortSignal.timeout(LOCK_WAIT_MS));
  }
}

function readRow(database: DatabaseSync): AuditHead | undefined {
  const row = database.prepare("SELECT place, hash FROM head WHERE id = 1").get();
  return row === undefined ? undefined : { index: Number(row["place"]), hash: String(row["hash"]) };
}
