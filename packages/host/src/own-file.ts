import { lstat } from "node:fs/promises";
import { MosaicError } from "@mosaic/core";
import { machineFailure } from "./machine-failure.ts";

/** Refuses a file that somebody else could have written, or, where it is a secret, could have read. One that is not there is fine.
 *  @throws MosaicError NOT_ALLOWED saying what is wrong with its owner or mode, and what to type; MACHINE */
export async function assertOwnFile(path: string, { isSecret }: { readonly isSecret: boolean }): Promise<void> {
  const found = await lstat(path).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return undefined;
    throw machineFailure(`cannot look at "${path}"`, thrown);
  });
  if (!found) return;
  const mode = `0${(found.mode & 0o777).toString(8)}`;
  const refuse = (what: string, hint: string) => {
    throw new MosaicError("NOT_ALLOWED", `refusing to use ${path}: ${what}`, { hint });
  };
  if (found.isSymbolicLink())
    refuse("it is a link, and whoever owns what it leads to could change it", `put the file itself there`);
  const owners = [process.getuid?.(), 0];
  if (!owners.includes(found.uid)) refuse(`it belongs to user ${found.uid}`, `chown ${process.getuid?.()} ${path}`);
  if ((found.mode & 0o022) !== 0) refuse(`its mode is ${mode}, so that others may write it`, `chmod go-w ${path}`);
  if (isSecret && (found.mode & 0o077) !== 0)
    refuse(`its mode is ${mode}, so that others may read the key in it`, `chmod 600 ${path}`);
}
