import { constants } from "node:fs";
import { type FileHandle, open, opendir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { MosaicError, type SpoolFolder } from "@mosaic/core";
import { startFolderWatch } from "./folder-watch.ts";
import { makeFolder } from "./make-folder.ts";

export interface SpoolFolderOptions {
  readonly path: string;
  /** The system refused to notify; the folder must be looked at now and then. */
  readonly onFailure: (error: Error) => void;
}

/** What hooks keep of one event, and some for what they put around it. */
const MAX_EVENT_BYTES = 640 * 1024;
/** Enough to see what was wrong, in 12 MB at most. */
const MAX_SET_ASIDE = 20;
const ASIDE = ".not-understood";

/** The spool of this machine's agents. Makes the folder, for its owner alone, when something is first set aside; hooks make it
 *  themselves. */
export function spoolFolder({ path, onFailure }: SpoolFolderOptions): SpoolFolder {
  const pathOf = (name: string) => join(path, assertName(name));
  return {
    list: (limit) => failing(smallestNames(path, limit), `list ${path}`),
    read: (name) => failing(readEvent(pathOf(name)), `read ${pathOf(name)}`),
    remove: (name) => failing(rm(pathOf(name), { force: true, recursive: true }), `remove ${pathOf(name)}`),
    setAside: (name) => failing(setAside(path, assertName(name)), `set aside ${pathOf(name)}`),
    onChange: (listener) =>
      startFolderWatch(path, { onChange: (entry) => (entry?.startsWith(".") ? undefined : listener()), onFailure }),
  };
}

// Nobody may have read for a day: the names that are not asked for are not even kept.
async function smallestNames(path: string, limit: number): Promise<readonly string[]> {
  let names: string[] = [];
  try {
    for await (const { name } of await opendir(path)) {
      if (name.startsWith(".")) continue;
      names.push(name);
      if (names.length >= 4 * limit) names = names.sort().slice(0, limit);
    }
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "ENOENT") throw thrown;
  }
  return names.sort().slice(0, limit);
}

async function readEvent(path: string) {
  await using file = await openPlain(path);
  if (file === undefined) return undefined;
  const { size, mtimeMs } = await file.stat();
  if (size > MAX_EVENT_BYTES) throw new MosaicError("USAGE", `${path} is larger than any event`);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, 0);
  return { text: buffer.toString("utf8", 0, bytesRead), modifiedUnixMs: mtimeMs };
}

// A pipe would keep the reader for ever, and a link leads anywhere.
async function openPlain(path: string): Promise<FileHandle | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch (thrown) {
    const { code = "" } = thrown as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    if (!["ELOOP", "ENXIO"].includes(code)) throw thrown;
  }
  throw new MosaicError("USAGE", `${path} is no file`);
}

async function setAside(path: string, name: string): Promise<void> {
  const folder = join(path, ASIDE);
  await makeFolder(folder);
  await rename(join(path, name), join(folder, name));
  const kept = (await readdir(folder)).sort();
  for (const old of kept.slice(0, -MAX_SET_ASIDE)) await rm(join(folder, old), { force: true, recursive: true });
}

function assertName(name: string): string {
  if (name !== "" && !name.startsWith(".") && !name.includes("/") && !name.includes("\0")) return name;
  throw new MosaicError("INTERNAL", `not the name of an event: ${JSON.stringify(name)}`);
}

async function failing<T>(work: Promise<T>, what: string): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    if (thrown instanceof MosaicError) throw thrown;
    throw new MosaicError("MACHINE", `cannot ${what}: ${(thrown as Error).message}`, { cause: thrown });
  }
}
