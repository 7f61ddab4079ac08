import { chmodSync, closeSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SCHEMA } from "./schema.ts";

/** Makes an empty database, readable by its owner only. It gets its name when it is whole and on disk: so a file of that
 *  name that is empty or has no tables was once more than that, and is never taken for a new one.
 *  @throws what the system or SQLite says */
export function createDatabase(path: string): void {
  const unborn = `${path}.new`;
  // Of a process that was killed here.
  for (const suffix of ["", "-journal", "-wal", "-shm"]) rmSync(`${unborn}${suffix}`, { force: true });
  closeSync(openSync(unborn, "wx", 0o600));
  chmodSync(unborn, 0o600);
  const database = new DatabaseSync(unborn);
  try {
    // Must be said before the first table is made.
    database.exec("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA synchronous = FULL;");
    database.exec(`BEGIN;${SCHEMA}COMMIT;`);
    database.exec("PRAGMA journal_mode = WAL;");
  } finally {
    database.close();
  }
  sync(unborn);
  renameSync(unborn, path);
  sync(dirname(path));
}

function sync(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
