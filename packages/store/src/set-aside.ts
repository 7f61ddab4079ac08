import { closeSync, existsSync, fsyncSync, openSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { type Clock, MosaicError } from "@mosaic/core";
import { takeProcessLock } from "./sqlite/process-lock.ts";

/** Moves a message store out of the way, so that the next daemon begins with an empty one. Nothing is deleted: the file is
 *  beside its old place under a name with the time, and SQLite's own tools can read it there.
 *  @returns its new path; undefined when there is none
 *  @throws MosaicError ALREADY_RUNNING while a daemon uses it, MACHINE when it can't be moved */
export function setAside(path: string, clock: Pick<Clock, "nowUnixMs">): string | undefined {
  const parts = ["", "-wal", "-shm"].filter((suffix) => existsSync(`${path}${suffix}`));
  if (parts.length === 0) return undefined;
  try {
    using _lock = takeProcessLock(path);
    const aside = freeName(`${path}.set-aside-${new Date(clock.nowUnixMs()).toISOString().replaceAll(/[-:]|\..*/g, "")}Z`);
    // The main file first: one that stood there without its log would look whole.
    for (const suffix of parts) renameSync(`${path}${suffix}`, `${aside}${suffix}`);
    syncFolder(dirname(path));
    return aside;
  } catch (thrown) {
    if (thrown instanceof MosaicError) throw thrown;
    throw new MosaicError("MACHINE", `cannot move "${path}" aside: ${(thrown as Error).message}`, { cause: thrown });
  }
}

function freeName(wanted: string): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    if (!existsSync(name) && !existsSync(`${name}-wal`)) return name;
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
