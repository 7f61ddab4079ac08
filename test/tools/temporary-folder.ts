import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A folder of a test's own; gone with everything in it when disposed of. */
export interface TemporaryFolder extends Disposable {
  readonly path: string;
  /** Writes a file, making the folders it needs.
   *  @returns its full path */
  write(name: string, text: string): string;
}

/** Makes an empty folder, or one with these files. */
export function temporaryFolder(files: Readonly<Record<string, string>> = {}): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), "mosaic-tools-"));
  const write = (name: string, text: string) => {
    const full = join(path, name);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
    return full;
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  return { path, write, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
