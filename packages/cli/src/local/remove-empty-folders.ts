import { rmdir } from "node:fs/promises";
import { dirname } from "node:path";

/** Takes away the folders that held these files, and the folders above them, as far as they are empty.
 *  @param below folders that stay, whatever is in them; nothing outside them is touched */
export async function removeEmptyFolders(removed: readonly string[], below: readonly string[]): Promise<void> {
  const folders = new Set(removed.flatMap((path) => foldersAbove(path, below)));
  // The deepest first.
  for (const folder of [...folders].sort((a, b) => b.length - a.length)) {
    // Something is in it, or it is gone already: both are as they should be.
    await rmdir(folder).catch(() => {});
  }
}

function foldersAbove(path: string, below: readonly string[]): string[] {
  const folder = dirname(path);
  if (!below.some((root) => folder.startsWith(`${root}/`))) return [];
  return [folder, ...foldersAbove(folder, below)];
}
