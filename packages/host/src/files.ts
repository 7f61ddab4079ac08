import { closeSync, constants, openSync, readSync } from "node:fs";
import { open, readdir, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Log, MosaicError, type WatchedFiles } from "@mosaic/core";
import { startFolderWatch } from "./folder-watch.ts";
import { machineFailure } from "./machine-failure.ts";
import { RemoteFolders, type RemoteFoldersOptions } from "./remote-folders.ts";

/** Files of this machine, with the kernel's notices of change. A folder on a network that does not answer is waited for 2 s: then
 *  reads fail, and nothing else is held up. */
export function watchedFiles(log: Log, options?: RemoteFoldersOptions): WatchedFiles {
  const remote = new RemoteFolders(options);
  let isSaid = false;
  const onFailure = (directory: string, error: Error) => {
    if (isSaid) return;
    isSaid = true;
    log.warn({ directory, error: error.message }, "the system can't notify of changed files; they are read again now and then");
  };
  return {
    async list(directory, suffix) {
      if (!(await remote.isRemote(directory))) return await listFolder(directory, suffix);
      return await remote.bounded(directory, "list", directory, () => listFolder(directory, suffix));
    },
    async read(path, maxBytes) {
      const directory = dirname(path);
      if (remote.isSurelyLocal(directory) || !(await remote.isRemote(directory))) return readAtOnce(path, maxBytes);
      return await remote.bounded(directory, "read", path, () => readByThread(path, maxBytes));
    },
    onChange: (directory, listener) =>
      startFolderWatch(directory, { onChange: listener, onFailure: (error) => onFailure(directory, error) }),
  };
}

/** Replaces a file so that readers, also after a power cut, see the old text or the new and never a part.
 *  @param mode permission bits of the new file, for example 0o600
 *  @throws MosaicError `MACHINE`; the file is then as it was. */
export async function writeFileAtomically(path: string, text: string, mode: number): Promise<void> {
  const folder = dirname(path);
  temporaryCount += 1;
  const temporary = join(folder, `.${basename(path)}.${process.pid}.${temporaryCount}`);
  try {
    await using file = await open(temporary, "wx", mode);
    await file.writeFile(text);
    // The umask applies to open, not to the mode that was asked for.
    await file.chmod(mode);
    await file.sync();
    await rename(temporary, path);
    await using directory = await open(folder, "r");
    await directory.sync();
  } catch (error) {
    // Nothing to remove when it was never made; the first error is the one to tell.
    await unlink(temporary).catch(() => {});
    throw machineError("write", path, error);
  }
}

// Two writers of one process must not share a temporary file.
let temporaryCount = 0;

async function listFolder(directory: string, suffix: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).filter((name) => name.endsWith(suffix));
  } catch (error) {
    if (isAbsent(error)) return [];
    throw machineError("list", directory, error);
  }
}

// In one go, though it holds up everything else for some 10 µs: by way of Node's threads the same open, reads and close cost ten
// times that, and a host of 200 agents has 13 heartbeats a second to read while it is idle.
function readAtOnce(path: string, maxBytes: number): string | undefined {
  let bytes: Buffer | undefined;
  try {
    const file = openSync(path, FLAGS);
    try {
      bytes = readUpTo(file, maxBytes);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw machineError("read", path, error);
  }
  if (bytes !== undefined) return bytes.toString("utf8");
  throw tooLarge(path, maxBytes);
}

/** The same without holding up anything, for a file that may take its time. */
async function readByThread(path: string, maxBytes: number): Promise<string | undefined> {
  let bytes: Buffer;
  try {
    await using file = await open(path, FLAGS);
    const chunks: Buffer[] = [];
    let total = 0;
    // The limit is inclusive: one byte more is asked for, to know that there is more.
    for await (const chunk of file.createReadStream({ end: maxBytes, autoClose: false })) {
      chunks.push(chunk);
      total += chunk.length;
    }
    bytes = Buffer.concat(chunks, total);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw machineError("read", path, error);
  }
  if (bytes.length <= maxBytes) return bytes.toString("utf8");
  throw tooLarge(path, maxBytes);
}

/** A pipe that somebody left in the folder must not be waited for. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

function tooLarge(path: string, maxBytes: number): MosaicError {
  return new MosaicError("MACHINE", `cannot read "${path}": it is larger than ${maxBytes} bytes`);
}

// Counts what is read and not what stat tells: the file may grow meanwhile, and some have no size. One buffer, that grows with
// the file: what is taken for each heartbeat stays until the next collection.
function readUpTo(file: number, maxBytes: number): Buffer | undefined {
  let buffer = Buffer.allocUnsafe(FIRST_BYTES);
  let total = 0;
  for (;;) {
    const bytesRead = readSync(file, buffer, total, buffer.length - total, null);
    if (bytesRead === 0) return buffer.subarray(0, total);
    total += bytesRead;
    if (total > maxBytes) return undefined;
    if (total === buffer.length) buffer = Buffer.concat([buffer], Math.min(GROWTH * total, maxBytes + 1));
  }
}

/** Heartbeat files, the most frequent ones, fit in it. */
const FIRST_BYTES = 1024;
const GROWTH = 4;

function isAbsent(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ENOTDIR";
}

function machineError(verb: string, path: string, error: unknown): MosaicError {
  return machineFailure(`cannot ${verb} "${path}"`, error);
}
