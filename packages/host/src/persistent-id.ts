import { link, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { MosaicError } from "@mosaic/core";
import { newId } from "./machine.ts";
import { makeFolder } from "./make-folder.ts";

/** Reads an id from a file, or makes one and keeps it there (mode 0600). Two processes at once end up with the same id.
 *  @throws MosaicError MACHINE when the file holds something else: an id that changes would look like another host. */
export async function persistentId(path: string): Promise<string> {
  const known = await readId(path);
  if (known !== undefined) return known;
  await makeFolder(dirname(path));
  const mine = `${path}.${process.pid}`;
  // What an earlier process of this number left, or somebody put there: never written through.
  await rm(mine, { force: true });
  await writeFile(mine, `${newId()}\n`, { mode: 0o600, flush: true, flag: "wx" });
  try {
    // link, unlike rename, fails when somebody was faster.
    await link(mine, path);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "EEXIST") throw thrown;
  } finally {
    await rm(mine, { force: true });
  }
  const id = await readId(path);
  if (id === undefined) throw new MosaicError("MACHINE", `cannot keep an id in ${path}`);
  return id;
}

/** The id in a file made by {@link persistentId}, or undefined when there is none yet. */
export async function readId(path: string): Promise<string | undefined> {
  const text = await readFile(path, "utf8").catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return undefined;
    throw new MosaicError("MACHINE", `cannot read ${path}: ${thrown.message}`, { cause: thrown });
  });
  const id = text?.trim();
  if (id === undefined || /^[0-9a-f-]{36}$/.test(id)) return id;
  throw new MosaicError("MACHINE", `${path} does not hold an id`, { hint: `remove it to become a new host: rm ${path}` });
}
