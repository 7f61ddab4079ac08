import { constants } from "node:fs";
import { access, chmod, lstat, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { MosaicError } from "@mosaic/core/light";

/** What the disk tells of one entry. Links are not followed. */
export interface EntryFacts {
  readonly kind: "file" | "folder" | "socket" | "link" | "other";
  /** Of a file's mode only the permission bits. */
  readonly mode: number;
  readonly uid: number;
}

/** The disk as the doctor needs it. Paths are absolute. */
export interface DoctorFiles {
  /** Undefined: there is none. @throws MosaicError MACHINE */
  look(path: string): Promise<EntryFacts | undefined>;
  /** Undefined: there is none. @throws MosaicError MACHINE when it can't be read */
  read(path: string): Promise<string | undefined>;
  /** Names, in order; none when it is not there. */
  list(folder: string): Promise<readonly string[]>;
  /** Whether this user may write there, and if not, the system's word for why (`EACCES`, `EROFS`). */
  writeProblem(path: string): Promise<string | undefined>;
  setMode(path: string, mode: number): Promise<void>;
  makeFolder(path: string): Promise<void>;
  remove(path: string): Promise<void>;
}

/** The real disk. */
export function doctorFiles(): DoctorFiles {
  return {
    async look(path) {
      const found = await unlessMissing(lstat(path), path);
      return found && { kind: kindOf(found), mode: found.mode & 0o7777, uid: found.uid };
    },
    read: (path) => unlessMissing(readFile(path, "utf8"), path),
    list: async (folder) => ((await unlessMissing(readdir(folder), folder)) ?? []).toSorted(),
    async writeProblem(path) {
      try {
        await access(path, constants.W_OK);
        return undefined;
      } catch (thrown) {
        return (thrown as NodeJS.ErrnoException).code ?? "unknown";
      }
    },
    setMode: (path, mode) => failing(chmod(path, mode), path),
    makeFolder: async (path) => void (await failing(mkdir(path, { recursive: true, mode: 0o700 }), path)),
    remove: (path) => failing(rm(path, { force: true }), path),
  };
}

function kindOf(found: Awaited<ReturnType<typeof lstat>>): EntryFacts["kind"] {
  if (found.isFile()) return "file";
  if (found.isDirectory()) return "folder";
  if (found.isSocket()) return "socket";
  return found.isSymbolicLink() ? "link" : "other";
}

async function unlessMissing<T>(work: Promise<T>, path: string): Promise<T | undefined> {
  const absent = work.catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT" || thrown.code === "ENOTDIR") return undefined;
    throw thrown;
  });
  return await failing(absent, path);
}

async function failing<T>(work: Promise<T>, path: string): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    throw new MosaicError("MACHINE", `${path}: ${code ?? message}`, { hint: `ls -ld ${path}`, cause: thrown });
  }
}
