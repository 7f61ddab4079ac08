import { createReadStream } from "node:fs";
import { lstat, readdir, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { AuditLine } from "./chain.ts";

/** Lists the files of an audit log, the oldest first: those that were put aside, then the one that is written to. */
export async function auditFiles(path: string): Promise<string[]> {
  const [folder, name] = [dirname(path), basename(path)];
  const entries = await readdir(folder).catch(ifMissing([]));
  const aside = entries.filter((entry) => entry.startsWith(`${name}.`) && /^\d{12}$/.test(entry.slice(name.length + 1))).sort();
  return [...aside, ...entries.filter((entry) => entry === name)].map((entry) => join(folder, entry));
}

/** Puts a full log aside, under a name that ends in its last index. Only while no other process writes to it.
 *  @returns false when something has that name already: nothing is replaced */
export async function putAside(path: string, lastIndex: number): Promise<boolean> {
  const aside = `${path}.${String(lastIndex).padStart(12, "0")}`;
  if ((await lstat(aside).catch(ifMissing(undefined))) !== undefined) return false;
  await rename(path, aside);
  return true;
}

/** Reads an audit log line by line over all its files, also while it is written to and put aside.
 *  @throws the system's error when one can't be read */
export async function* auditLines(path: string): AsyncGenerator<AuditLine> {
  const done = new Set<string>();
  let last: { readonly inode: bigint; readonly lines: number } | undefined;
  for (let files = await auditFiles(path); files.length > 0; ) {
    const file = files.find((each) => !done.has(each));
    if (file === undefined) return;
    done.add(file);
    const inode = (await lstat(file, { bigint: true })).ino;
    // The one that was written to may have been put aside meanwhile: its lines were told, but for those that came since.
    const told = last?.inode === inode ? last.lines : 0;
    let lines = 0;
    for await (const text of linesOf(file)) {
      lines += 1;
      if (lines > told) yield { text, file, line: lines };
    }
    last = { inode, lines };
    files = await auditFiles(path);
    if (file === path && files.some((each) => !done.has(each))) done.delete(path);
  }
}

/** Reads one file line by line; no line is longer than 64 KiB, what is becomes several. */
export async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of createReadStream(file, { encoding: "utf8", highWaterMark: 256 * 1024 }) as AsyncIterable<string>) {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
    while (rest.length > MAX_READ_LINE) {
      yield rest.slice(0, MAX_READ_LINE);
      rest = rest.slice(MAX_READ_LINE);
    }
  }
  if (rest !== "") yield rest;
}

const MAX_READ_LINE = 65_536;

function ifMissing<T>(value: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === "ENOENT") return value;
    throw error;
  };
}
