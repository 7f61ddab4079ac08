import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** All that is known of a lab, written before any of it is made: what can be removed is what this names. */
export interface LabRecord {
  readonly version: 1;
  /** Unique on this machine, such as `3-k7q2`: the slot, and four random letters. */
  readonly id: string;
  /** Third byte of the lab's addresses; its tenants' user ids follow from it too. */
  readonly slot: number;
  /** The lab's folder. */
  readonly folder: string;
  /** Who made it: a test's labs are not taken down by a person's `lab down`. */
  readonly kind: "fixture" | "command";
  /** The process that it ends with. Absent: it stays until it is taken down. */
  readonly owner?: ProcessMark;
  /** Absolute path of the lab's cgroup. */
  readonly cgroup: string;
  /** Name of the network namespace with the bridge that joins the hosts. */
  readonly switchNetns: string;
  readonly hosts: readonly HostRecord[];
  /** On every host. */
  readonly tenants: readonly TenantRecord[];
}

export interface HostRecord {
  readonly name: string;
  readonly address: string;
  readonly netns: string;
  /** The bridge's port that leads to it. */
  readonly port: string;
  readonly cgroup: string;
  /** Its files, as seen from outside: homes, `/etc`, console. */
  readonly folder: string;
}

export interface TenantRecord {
  readonly name: string;
  readonly uid: number;
  readonly home: string;
}

/** A process, told from a later one with the same id. */
export interface ProcessMark {
  readonly pid: number;
  /** Kernel ticks after boot. */
  readonly startTicks: string;
}

/** Where labs keep their folders when no other place is asked for. */
export function defaultLabsFolder(): string {
  return join(tmpdir(), "mosaic-lab");
}

/** Makes the folder of labs.
 *  @throws Error when somebody else's folder is there: below a folder that all may write to, it may be a trap */
export function prepareLabsFolder(folder: string): void {
  // Tenants must be able to reach nothing in it but what is mounted into their hosts.
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid } = statSync(folder);
  if (uid !== 0) throw new Error(`cannot keep labs in ${folder}: it belongs to user ${uid}, not to root`);
}

/** Writes a record, whole or not at all. */
export function writeRecord(record: LabRecord): void {
  const path = join(record.folder, "lab.json");
  writeFileSync(`${path}.new`, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(`${path}.new`, path);
}

/** Reads a lab's record; undefined when the lab is gone. */
export function readRecord(folder: string): LabRecord | undefined {
  const path = join(folder, "lab.json");
  if (!existsSync(path)) return undefined;
  const record = JSON.parse(readFileSync(path, "utf8")) as LabRecord;
  if (record.version !== 1 || record.folder !== folder) throw new Error(`${path}: is not the record of a lab in this folder`);
  return record;
}

/** Lists the records of all labs, by id. */
export function listRecords(labsFolder: string): LabRecord[] {
  return labFolders(labsFolder).flatMap((name) => readRecord(join(labsFolder, name)) ?? []);
}

/** Takes a free slot by making the folder of a lab. */
export function claimFolder(labsFolder: string): { id: string; slot: number; folder: string } {
  for (;;) {
    const taken = new Set(labFolders(labsFolder).map(slotOf));
    const slot = Array.from({ length: maxLabs }, (_, index) => index).find((number) => !taken.has(number));
    if (slot === undefined) throw new Error(`cannot make a lab: all ${maxLabs} slots in ${labsFolder} are taken`);
    try {
      // Made exclusively, and by slot alone: two that start at once can't both have it.
      mkdirSync(join(labsFolder, `lab-${slot}`));
      return { id: `${slot}-${randomLetters()}`, slot, folder: join(labsFolder, `lab-${slot}`) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

/** Tells whether the process that a lab ends with is gone. */
export function isAbandoned(record: LabRecord): boolean {
  return record.owner !== undefined && startTicksOf(record.owner.pid) !== record.owner.startTicks;
}

/** Marks this very process. */
export function ownMark(): ProcessMark {
  return { pid: process.pid, startTicks: startTicksOf(process.pid) ?? "" };
}

/** One for each value of the addresses' third byte, and a hundred user ids for each: far more than one machine bears. */
const maxLabs = 90;

function labFolders(labsFolder: string): string[] {
  return existsSync(labsFolder)
    ? readdirSync(labsFolder)
        .filter((name) => /^lab-\d+$/.test(name))
        .sort()
    : [];
}

function slotOf(folderName: string): number {
  return Number(folderName.slice("lab-".length));
}

function randomLetters(): string {
  return Math.random().toString(36).slice(2, 6).padEnd(4, "x");
}

function startTicksOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    // There is no such process any more.
    return undefined;
  }
}
