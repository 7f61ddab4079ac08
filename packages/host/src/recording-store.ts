import { constants, type Stats } from "node:fs";
import { chmod, type FileHandle, lstat, open, readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import {
  MosaicError,
  type OpenRecording,
  parseRecordingName,
  RECORDING_SUFFIX,
  type RecordingFile,
  type RecordingStore,
} from "@mosaic/core";
import { machineFailure } from "./machine-failure.ts";
import { makeFolder } from "./make-folder.ts";
import { idsBeingWritten, markAsWritten, unmark } from "./recording-mark.ts";

/** The recordings below a folder, which is made when the first one is. @param directory absolute */
export function recordingStore(directory: string): RecordingStore {
  const folderOf = (agent: string) => join(directory, assertAgentName(agent));
  const pathOf = (agent: string, id: string) => join(folderOf(agent), assertFileName(id + RECORDING_SUFFIX));
  return {
    async create(agent, id) {
      const [folder, path] = [folderOf(agent), pathOf(agent, id)];
      await failing(makeOwnFolder(directory), "make the folder", directory);
      await failing(makeOwnFolder(folder), "make the folder", folder);
      return await failing(createFile(folder, path, id), "record to", path);
    },
    async list(agent) {
      const agents = agent === undefined ? await failing(agentsIn(directory), "list", directory) : [assertAgentName(agent)];
      const lists = await Promise.all(agents.map((name) => failing(listFolder(directory, name), "list", folderOf(name))));
      return lists.flat().sort((a, b) => a.startedUnixMs - b.startedUnixMs || (a.id < b.id ? -1 : 1));
    },
    async delete(agent, id) {
      const path = pathOf(agent, id);
      await failing(
        assertOwnFolder(folderOf(agent))
          .then(() => unlink(path))
          .catch(unlessMissing),
        "delete",
        path,
      );
    },
    async *read(agent, id) {
      const path = pathOf(agent, id);
      await using file = await failing(openToRead(folderOf(agent), path), "read", path);
      for (;;) {
        const { buffer, bytesRead } = await failing(file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, null), "read", path);
        if (bytesRead === 0) return;
        yield buffer.subarray(0, bytesRead);
      }
    },
  };
}

const CHUNK_BYTES = 65_536;
/** A link at the file's place is an error (ELOOP) and never followed; a pipe there does not hold us up. */
const NO_LINK = constants.O_NOFOLLOW | constants.O_NONBLOCK;

function assertAgentName(agent: string): string {
  if (/^[A-Za-z0-9_.-]{1,200}$/.test(agent) && !/^\.+$/.test(agent)) return agent;
  throw new MosaicError("USAGE", `${JSON.stringify(agent.slice(0, 200))} is no agent's name`);
}

function assertFileName(name: string): string {
  if (parseRecordingName(name) !== undefined) return name;
  throw new MosaicError("USAGE", `${JSON.stringify(name.slice(0, 200))} is no recording's name`);
}

async function makeOwnFolder(path: string): Promise<void> {
  await makeFolder(path);
  const found = await assertOwnFolder(path);
  // Somebody made it by hand, or copied it: what is in it is no one else's business.
  if ((found.mode & 0o077) !== 0) await chmod(path, 0o700);
}

async function assertOwnFolder(path: string): Promise<Stats> {
  const found = await lstat(path);
  if (found.isDirectory()) return found;
  throw Object.assign(new Error("it is a link or a file, and no folder"), { code: "ENOTDIR" });
}

async function createFile(folder: string, path: string, id: string): Promise<OpenRecording> {
  // First, so that nobody finds the file and takes it for finished.
  await markAsWritten(folder, id);
  let file: FileHandle;
  try {
    file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND | NO_LINK, 0o600);
  } catch (error) {
    await unmark(folder, id);
    throw error;
  }
  return openRecording(file, path, () => unmark(folder, id));
}

function openRecording(file: FileHandle, path: string, onClosed: () => Promise<void>): OpenRecording {
  let closing: Promise<void> | undefined;
  const close = async () => {
    try {
      await failing(file.close(), "close", path);
    } finally {
      await onClosed();
    }
  };
  return {
    append: (bytes) => failing(file.writeFile(bytes), "record to", path),
    close() {
      closing ??= close();
      return closing;
    },
  };
}

async function openToRead(folder: string, path: string): Promise<FileHandle> {
  await assertOwnFolder(folder);
  const file = await open(path, constants.O_RDONLY | NO_LINK);
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw Object.assign(new Error("it is no file"), { code: "ENOTSUP" });
}

async function agentsIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(noneIfMissing);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

async function listFolder(directory: string, agent: string): Promise<RecordingFile[]> {
  const folder = join(directory, agent);
  const isFolder = await lstat(folder).then((found) => found.isDirectory(), noneIfMissing);
  if (isFolder !== true) return [];
  const names = (await readdir(folder)).filter((name) => parseRecordingName(name) !== undefined);
  const written = await idsBeingWritten(folder);
  const files = await Promise.all(names.map((name) => describeFile(agent, folder, name, written)));
  return files.filter((file) => file !== undefined);
}

async function describeFile(
  agent: string,
  folder: string,
  name: string,
  written: ReadonlySet<string>,
): Promise<RecordingFile | undefined> {
  const path = join(folder, name);
  const parsed = parseRecordingName(name);
  // It may be deleted between two looks, which is the end of it.
  const found = await lstat(path).catch(unlessMissing);
  if (parsed === undefined || !found?.isFile()) return undefined;
  const modifiedUnixMs = Math.round(found.mtimeMs);
  return { ...parsed, agent, path, modifiedUnixMs, bytes: found.size, isBeingWritten: written.has(parsed.id) };
}

async function failing<Value>(work: Promise<Value>, verb: string, path: string): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    throw machineFailure(`cannot ${verb} ${path}`, error);
  }
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT") return undefined;
  throw error;
}

function noneIfMissing(error: NodeJS.ErrnoException): [] {
  unlessMissing(error);
  return [];
}
