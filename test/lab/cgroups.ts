import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "@mosaic/testkit";

/** Finds where the version 2 hierarchy of cgroups is mounted; undefined when it is nowhere. */
export function cgroupMount(): string | undefined {
  const lines = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  // Fields: id, parent, device, root, mount point, options…, "-", type. A root that isn't "/" is a mere part of the hierarchy.
  return lines
    .map((line) => line.split(" "))
    .find((fields) => fields[fields.indexOf("-") + 1] === "cgroup2" && fields[3] === "/")?.[4];
}

/** Makes a lab's group, which has no process of its own, and hands down to its hosts what controllers there are. */
export function makeLabGroup(group: string): void {
  mkdirSync(group);
  const controllers = readFileSync(join(group, "cgroup.controllers"), "utf8").trim().split(" ").filter(Boolean);
  for (const name of controllers) writeFileSync(join(group, "cgroup.subtree_control"), `+${name}`);
}

/** Makes a fresh group for a boot of a host, with the group that its PID 1 lives in. The one of an earlier boot must be removed. */
export function makeHostGroup(group: string): void {
  mkdirSync(join(group, "init.scope"), { recursive: true });
}

/** Lists the processes in a group and below it. */
export function processesIn(group: string): number[] {
  return groupsBelow(group).flatMap((path) => read(path, "cgroup.procs").split("\n").filter(Boolean).map(Number));
}

/** Kills all processes in a group and below it, frozen ones too, and waits until they are gone. */
export async function killGroup(group: string): Promise<void> {
  if (!existsSync(group)) return;
  await eventually(`the processes of ${group} end`, () => {
    if (!isPopulated(group)) return true;
    if (existsSync(join(group, "cgroup.kill"))) writeFileSync(join(group, "cgroup.kill"), "1");
    else for (const pid of processesIn(group)) signalIfThere(pid, "SIGKILL");
    return false;
  });
}

/** Removes a group without processes, and all below it. */
export async function removeGroup(group: string): Promise<void> {
  // A group stays busy for a moment after its last process.
  await eventually(`${group} can be removed`, () => {
    for (const path of groupsBelow(group).reverse()) tryToRemove(path);
    return !existsSync(group);
  });
}

/** Stops all processes of a group where they are, or lets them go on. Unlike SIGSTOP, no parent process is told, and new ones stop too. */
export async function setFrozen(group: string, isFrozen: boolean): Promise<void> {
  writeFileSync(join(group, "cgroup.freeze"), isFrozen ? "1" : "0");
  await eventually(`${group} ${isFrozen ? "freezes" : "thaws"}`, () => isGroupFrozen(group) === isFrozen);
}

/** Tells whether a group's processes are stopped by {@link setFrozen}. */
export function isGroupFrozen(group: string): boolean {
  return /^frozen 1$/m.test(read(group, "cgroup.events"));
}

/** Tells whether any process lives in a group or below it. */
export function isPopulated(group: string): boolean {
  return /^populated 1$/m.test(read(group, "cgroup.events"));
}

/** Sends a signal to a process, if it is still there. */
export function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It ended by itself just now: nobody is left to be told.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** The group and all below it, parents first. */
function groupsBelow(group: string): string[] {
  if (!existsSync(group)) return [];
  const children = readdirSync(group, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [group, ...children.flatMap((entry) => groupsBelow(join(group, entry.name)))];
}

function read(group: string, file: string): string {
  try {
    return readFileSync(join(group, file), "utf8");
  } catch {
    // The group was removed between two looks: it holds nothing.
    return "";
  }
}

function tryToRemove(group: string): void {
  try {
    rmdirSync(group);
  } catch {
    // Still busy, or just removed by somebody else: the caller looks whether it is there, and tries again.
  }
}
