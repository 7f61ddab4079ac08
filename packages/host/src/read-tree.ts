import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";

/** Reads every text file below a folder.
 *  @param takes says by the path below the folder whether a file is wanted
 *  @returns text by that path, in order */
export async function readTree(folder: string, takes: (path: string) => boolean): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter(takes)
    .sort();
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(join(folder, path), "utf8")] as const)));
}
