import { constants } from "node:fs";
import { copyFile, link } from "node:fs/promises";
import { MosaicError } from "@mosaic/core";
import { fileStore } from "@mosaic/host";
import type { RosterFilePlan } from "../fleet/plan-roster-file.ts";

/** A roster may name people and projects: it is its owner's alone. */
const ROSTER_MODE = 0o600;

/** Does what was planned. There is a whole roster at every moment, the old one or the new one, and on disk when this resolves.
 *  @throws MosaicError MACHINE; the roster is then as it was */
export async function writeRosterFile({ path, text, kind, backupPath }: RosterFilePlan): Promise<void> {
  if (kind === "nothing") return;
  if (backupPath !== undefined) await keepOld(path, backupPath);
  try {
    await fileStore().write(path, text, ROSTER_MODE);
  } catch (thrown) {
    // The old one is still in its place, and needs no second name.
    if (backupPath !== undefined) await fileStore().remove(backupPath);
    throw thrown;
  }
}

// A second name keeps the very bytes without writing any.
async function keepOld(path: string, backupPath: string): Promise<void> {
  try {
    await link(path, backupPath).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPERM" && error.code !== "ENOTSUP" && error.code !== "EOPNOTSUPP") throw error;
      // Some disks know no second names.
      await copyFile(path, backupPath, constants.COPYFILE_EXCL);
    });
  } catch (error) {
    throw new MosaicError("MACHINE", `cannot keep the old roster as ${backupPath}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
