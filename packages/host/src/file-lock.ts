import { chmodSync } from "node:fs";
import { dirname } from "node:path";
import { machineFailure } from "./machine-failure.ts";
import { makeFolder } from "./make-folder.ts";

const BUSY = 5;

/** Holds a file, so that no second process does the same work at the same time. The lock is the kernel's: it ends with the process,
 *  however that ends, and a file that is left over locks nothing. Node has no lock of files but the one SQLite takes: the file is an
 *  empty database, in a transaction that never writes.
 *  @returns undefined when another process holds it
 *  @throws MosaicError MACHINE when it can't be made */
export async function takeFileLock(path: string): Promise<Disposable | undefined> {
  try {
    const { DatabaseSync } = await import("node:sqlite");
    await makeFolder(dirname(path));
    const database = new DatabaseSync(path);
    try {
      chmodSync(path, 0o600);
      database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE;");
      return { [Symbol.dispose]: () => database.close() };
    } catch (thrown) {
      database.close();
      if ((thrown as { errcode?: number }).errcode === BUSY) return undefined;
      throw thrown;
    }
  } catch (thrown) {
    throw machineFailure(`cannot lock "${path}"`, thrown);
  }
}
