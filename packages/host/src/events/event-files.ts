import { rename } from "node:fs/promises";

/** Names the files of an event journal, the newest first: the one that is written to, and `<path>.1` and up. */
export function eventFiles(path: string, maxFiles: number): string[] {
  return Array.from({ length: maxFiles }, (_, index) => (index === 0 ? path : `${path}.${index}`));
}

/** Puts a full file aside, and each that was put aside before one place on; the oldest is replaced. A process that ends in the
 *  middle of it leaves a gap in the numbers, and no event is lost by it. */
export async function rotate(path: string, maxFiles: number): Promise<void> {
  const files = eventFiles(path, maxFiles);
  for (let place = files.length - 2; place >= 0; place -= 1) {
    const [from, to] = [files[place], files[place + 1]];
    if (from === undefined || to === undefined) continue;
    await rename(from, to).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
  }
}
