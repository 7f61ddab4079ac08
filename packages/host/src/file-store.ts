import { readdir, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { FileStore } from "@mosaic/core";
import { writeFileAtomically } from "./files.ts";
import { machineFailure } from "./machine-failure.ts";
import { makeFolder } from "./make-folder.ts";

/** The disk, for small text files of ours. */
export function fileStore(): FileStore {
  return {
    read: (path) => unlessMissing(readFile(path, "utf8"), `cannot read ${path}`),
    async write(path, text, mode) {
      await failing(makeFolder(dirname(path)), `cannot make the folder of ${path}`);
      await failing(writeFileAtomically(path, text, mode), `cannot write ${path}`);
    },
    remove: (path) => failing(rm(path, { force: true }), `cannot remove ${path}`),
    async list(directory) {
      const entries = await unlessMissing(readdir(directory), `cannot list ${directory}`);
      return (entries ?? []).sort();
    },
  };
}

async function unlessMissing<Value>(work: Promise<Value>, what: string): Promise<Value | undefined> {
  return await failing(
    work.catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
      throw error;
    }),
    what,
  );
}

async function failing<Value>(work: Promise<Value>, what: string): Promise<Value> {
  try {
    return await work;
  } catch (thrown) {
    throw machineFailure(what, thrown);
  }
}
