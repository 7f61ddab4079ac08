import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { endProcesses } from "./boot.ts";
import { killGroup, removeGroup } from "./cgroups.ts";
import { isAbandoned, type LabRecord, listRecords, readRecord } from "./lab-record.ts";
import { removeNetns } from "./network.ts";

/** Removes all that a record names, whatever part of it was made or is still there: processes, cgroups, networks, files.
 *  Mounts are the hosts' own, and went with their processes. Two may remove the same lab at once. */
export async function removeLab(record: LabRecord): Promise<void> {
  await Promise.all(record.hosts.map(endProcesses));
  await killGroup(record.cgroup);
  await removeGroup(record.cgroup);
  for (const netns of [...record.hosts.map((host) => host.netns), record.switchNetns]) await removeNetns(netns);
  await withLabsLock(dirname(record.folder), async () => removeFolder(record));
}

/** Removes the labs whose owner is gone.
 *  @returns their ids */
export async function sweepAbandoned(labsFolder: string): Promise<string[]> {
  const abandoned = listRecords(labsFolder).filter(isAbandoned);
  for (const record of abandoned) await removeLab(record);
  removeUnnamed(labsFolder);
  return abandoned.map((record) => record.id);
}

/** Plain JavaScript, which has no types for an import to find. */
const lockModule = new URL("../../packages/cli/tools/exclusive-lock.mjs", import.meta.url).href;

type WithLock = <T>(path: string, onWait: (owner: string) => void, work: () => Promise<T>) => Promise<T>;

/** Does work on the folder of labs that no other process may do at the same time. */
export async function withLabsLock<T>(labsFolder: string, work: () => Promise<T>): Promise<T> {
  const { withLock }: { withLock: WithLock } = await import(lockModule);
  return await withLock(join(labsFolder, "lock"), () => {}, work);
}

function removeFolder({ id, folder }: LabRecord): void {
  // Under the lock: somebody else may have removed it first, and a new lab may have taken the slot.
  if (readRecord(folder)?.id !== id) return;
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "");
  const inTheWay = mounts.find((mount) => mount.startsWith(`${folder}/`));
  if (inTheWay !== undefined) throw new Error(`cannot remove ${folder}: something is mounted on ${inTheWay}`);
  rmSync(folder, { recursive: true, force: true });
}

/** Frees the slots of those who died between taking one and writing the record; nothing else was made then. */
function removeUnnamed(labsFolder: string): void {
  if (!existsSync(labsFolder)) return;
  for (const name of readdirSync(labsFolder)) {
    const folder = join(labsFolder, name);
    const isUnnamed = /^lab-\d+$/.test(name) && readdirSync(folder).length === 0;
    if (isUnnamed && Date.now() - statSync(folder).mtimeMs > 60_000) rmdirSync(folder);
  }
}
