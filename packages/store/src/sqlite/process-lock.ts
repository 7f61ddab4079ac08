import { chmodSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { MosaicError } from "@mosaic/core";

const BUSY = 5;

/** Holds `<path>.lock`, so that no second process, and no second store in this one, uses the file beside it. The lock is the
 *  kernel's: it ends with the process, however that ends, and a file that is left over locks nothing. Node has no lock of
 *  files but the one SQLite takes: the file is an empty database, in a transaction that never writes.
 *  @throws MosaicError ALREADY_RUNNING when it is held; what SQLite says when it can't be taken for another reason */
export function takeProcessLock(path: string): Disposable {
  const lockPath = `${path}.lock`;
  const database = new DatabaseSync(lockPath);
  try {
    chmodSync(lockPath, 0o600);
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE;");
  } catch (thrown) {
    database.close();
    if ((thrown as { errcode?: number }).errcode !== BUSY) throw thrown;
    throw new MosaicError("ALREADY_RUNNING", `another process uses the message store "${path}"`, {
      hint: "two daemons can't share one home: see which runs with mosaic fleet status, or give this one its own MOSAIC_HOME",
      cause: thrown,
    });
  }
  return { [Symbol.dispose]: () => database.close() };
}
