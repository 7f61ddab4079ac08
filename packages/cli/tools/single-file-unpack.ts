import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Archive } from "./single-file-archive.ts";

/** What the names of folders begin with that are being unpacked. */
export const HALF = ".unpacking-";

/** Unpacks an archive into a folder that becomes `folder` by one rename, with one more file in it.
 *  @param isWholeNow whether another process has put all of it there meanwhile
 *  @throws the system's error; then nothing of it stays */
export function unpack(
  folder: string,
  { index, content }: Archive,
  mark: { readonly name: string; readonly text: string },
  isWholeNow: () => boolean,
): void {
  const temporary = mkdtempSync(join(dirname(folder), HALF));
  try {
    let start = 0;
    for (const { path, isExecutable, bytes } of index.files) {
      makeFolder(dirname(join(temporary, path)));
      writeFileSync(join(temporary, path), content.subarray(start, start + bytes), { mode: isExecutable ? 0o700 : 0o600 });
      start += bytes;
    }
    writeFileSync(join(temporary, mark.name), mark.text, { mode: 0o600 });
    moveIntoPlace(temporary, folder, isWholeNow);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Makes a folder and those above it that are missing, for this user alone. One step after the other: Node's own `recursive` never ends
 *  where a folder above can't be made for want of itself (/proc/x). */
export function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return;
  if (path !== dirname(path)) makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (thrown) {
    // Another process was faster.
    if ((thrown as NodeJS.ErrnoException).code !== "EEXIST") throw thrown;
  }
}

// Another process may have been faster, with the same files: those stay, since it runs from them. What isn't whole makes room.
function moveIntoPlace(temporary: string, folder: string, isWholeNow: () => boolean): void {
  if (isMoved(temporary, folder) || isWholeNow()) return;
  const broken = `${temporary}-broken`;
  renameSync(folder, broken);
  isMoved(temporary, folder);
  rmSync(broken, { recursive: true, force: true });
}

function isMoved(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (thrown) {
    if (["ENOTEMPTY", "EEXIST"].includes((thrown as NodeJS.ErrnoException).code ?? "")) return false;
    throw thrown;
  }
}
