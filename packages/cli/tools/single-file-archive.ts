import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** What a single file holds besides Node: files, one after the other in `content`. */
export interface Archive {
  readonly index: ArchiveIndex;
  readonly content: Uint8Array;
}

export interface ArchiveIndex {
  readonly version: string;
  /** Over the list of files and all their content, in hex. */
  readonly sha256: string;
  readonly files: readonly ArchivedFile[];
}

export interface ArchivedFile {
  /** Relative, with slashes. */
  readonly path: string;
  readonly isExecutable: boolean;
  readonly bytes: number;
}

/** Reads a folder into an archive. The same files make the same archive. */
export function archiveOf(folder: string, version: string): Archive {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  const paths = names.filter((name) => statSync(join(folder, name)).isFile());
  const contents = paths.map((path) => readFileSync(join(folder, path)));
  const files = paths.map((path, index) => {
    const isExecutable = (statSync(join(folder, path)).mode & 0o100) !== 0;
    return { path, isExecutable, bytes: contents[index]?.length ?? 0 };
  });
  const content = Buffer.concat(contents);
  return { index: { version, sha256: archiveSum(files, [content]), files }, content };
}

/** The checksum of an archive.
 *  @param contents in the order of the files */
export function archiveSum(files: readonly ArchivedFile[], contents: Iterable<Uint8Array>): string {
  // Loaded when it is needed, which is once in a boot: it takes longer than all else that a single file does first.
  const { createHash } = process.getBuiltinModule("node:crypto");
  const hash = createHash("sha256").update(JSON.stringify(files));
  for (const content of contents) hash.update(content);
  return hash.digest("hex");
}
