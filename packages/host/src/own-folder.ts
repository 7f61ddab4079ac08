import { lstat, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { MosaicError } from "@mosaic/core";
import { machineFailure } from "./machine-failure.ts";

/** Refuses to run where somebody else may put files or links in the place of ours: in the folder of sockets (`$MOSAIC_HOME/fleet/run`),
 *  in those of messages, keys and certificates, in the one of the fleet or in the home itself. Those that are not there yet are fine:
 *  they are made for this user alone. The home and the folder of messages may be links to folders for which the same holds, because
 *  people put them on disks of their own; the others may not.
 *  @throws MosaicError NOT_ALLOWED saying what is wrong with which folder, and what to type; MACHINE */
export async function assertOwnHome(runFolder: string): Promise<void> {
  const fleet = dirname(runFolder);
  await assertOwnFolder(dirname(fleet), true);
  await assertOwnFolder(fleet, false);
  await assertOwnFolder(runFolder, false);
  for (const name of KEPT) await assertOwnFolder(`${fleet}/${name}`, name === "messages");
}

/** Folders of the fleet's in which is kept what nobody else may put there. */
const KEPT = ["messages", "identity", "ca"] as const;

async function assertOwnFolder(path: string, mayBeLink: boolean): Promise<void> {
  const found = await (mayBeLink ? stat(path) : lstat(path)).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return undefined;
    throw machineFailure(`cannot look at "${path}"`, thrown);
  });
  if (!found) return;
  const refuse = (what: string, hint: string) => {
    throw new MosaicError("NOT_ALLOWED", `refusing to run in ${path}: ${what}`, { hint });
  };
  if (found.isSymbolicLink()) refuse("it is a link, and whoever owns what it leads to could change it", `ls -ld ${path}`);
  if (!found.isDirectory()) refuse("it is no folder", `mv ${path} ${path}.old`);
  const own = process.getuid?.() ?? 0;
  if (found.uid !== own && found.uid !== 0) refuse(`it belongs to user ${found.uid}`, `sudo chown -R ${own} ${path}`);
  const mode = `0${(found.mode & 0o7777).toString(8)}`;
  if ((found.mode & 0o022) !== 0) refuse(`its mode is ${mode}, so that others may replace what is in it`, `chmod go-w ${path}`);
}
