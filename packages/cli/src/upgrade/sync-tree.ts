import { open, readdir } from "node:fs/promises";
import { join } from "node:path";

/** Waits until a folder, and what is in it, is on disk: a version that survives a power cut is whole.
 *  @param depth how many folders deep; 0: only its own entries
 *  @throws Error of the system */
export async function syncTree(folder: string, depth = 32): Promise<void> {
  if (depth > 0) {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) await syncTree(path, depth - 1);
      else if (entry.isFile()) await sync(path);
    }
  }
  await sync(folder);
}

async function sync(path: string): Promise<void> {
  await using file = await open(path, "r");
  await file.sync();
}
