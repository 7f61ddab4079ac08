import { readdir, readFile, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { procfsTable } from "./procfs.ts";

/** Says that a recording is being written, by this process, to other processes that look at its folder. A file of its own, and
 *  not a lock on the recording: Node has none. */
export async function markAsWritten(folder: string, id: string): Promise<void> {
  for (const name of await marksIn(folder)) if (!(await isHeld(join(folder, name)))) await unlink(join(folder, name));
  const text = `${process.pid} ${startTicksOf(process.pid)}\n`;
  await writeFile(markPath(folder, id), text, { mode: 0o600, flag: "wx" }).catch(async (error: unknown) => {
    // On a full disk an empty one may be there, which would pass for one that is just being written, for ever.
    await unmark(folder, id);
    throw error;
  });
}

/** Takes the mark away. Succeeds when there is none. */
export async function unmark(folder: string, id: string): Promise<void> {
  // What can't be removed, because the disk became read-only or the folder is gone, is void as soon as this process ends.
  await unlink(markPath(folder, id)).catch(() => {});
}

/** Ids of the recordings in a folder that a living process writes. A mark that outlived its process counts no more. */
export async function idsBeingWritten(folder: string): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  for (const name of await marksIn(folder)) {
    if (await isHeld(join(folder, name))) ids.add(name.slice(PREFIX.length, -SUFFIX.length));
  }
  return ids;
}

const PREFIX = ".";
const SUFFIX = ".writing";

function markPath(folder: string, id: string): string {
  return join(folder, `${PREFIX}${id}${SUFFIX}`);
}

async function marksIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith(PREFIX) && name.endsWith(SUFFIX));
}

async function isHeld(path: string): Promise<boolean> {
  // Gone between two looks: then it is held no more. Nothing in it: its writer is just about to write it.
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return false;
  const [pid = 0, startTicks = 0] = text.trim().split(" ").map(Number);
  return text === "" || (isAlive(pid) && startTicksOf(pid) === startTicks);
}

function isAlive(pid: number): boolean {
  try {
    if (pid > 0) process.kill(pid, 0);
    return pid > 0;
  } catch (error) {
    // Somebody else's process is alive too; that it is not ours is told by its start.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

// 0 where the system has no such table; then the pid alone has to do.
function startTicksOf(pid: number): number {
  return procfsTable().read(pid)?.startTicks ?? 0;
}
