import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "@mosaic/testkit";
import { isPopulated, killGroup, makeHostGroup, processesIn, removeGroup, setFrozen, signalIfThere } from "./cgroups.ts";
import type { HostRecord, LabRecord } from "./lab-record.ts";
import { plugIn, unplug } from "./network.ts";
import { systemPath } from "./system-tool.ts";

/** For the mounts and the user managers' sockets: a hundred times what it takes, for a machine that does much else. */
const bootTimeoutMs = 60_000;

/** Boots a host that is off: network, PID 1, a user manager for each tenant that lingers.
 *  Resolves when every user manager can be asked; its units may still be starting.
 *  @throws Error with the host's console when it does not come up */
export async function bootHost(record: LabRecord, host: HostRecord): Promise<void> {
  makeHostGroup(host.cgroup);
  await plugIn(record, host);
  const isGone = startInit(record, host);
  await eventually(
    `${host.name} boots`,
    () => {
      if (isGone()) throw new Error(`${host.name} did not boot:\n${readConsole(host)}`);
      return isUp(record, host);
    },
    bootTimeoutMs,
  ).catch((error: Error) => {
    throw new Error(`${error.message}\n${readConsole(host)}`, { cause: error });
  });
}

/** Ends a host at once, as if its power failed: peers hear nothing more of it. Does nothing to one that is off. */
export async function cutPower(record: LabRecord, host: HostRecord): Promise<void> {
  await unplug(record, host);
  await endProcesses(host);
  await removeGroup(host.cgroup);
}

/** Ends all processes of a host. PID 1 is ended first, and with it all others inside: each is then awaited by its own parent, and
 *  none is left to the machine's PID 1, which in a container may await nothing. */
export async function endProcesses(host: HostRecord): Promise<void> {
  const init = findInit(host);
  if (init !== undefined) {
    signalIfThere(init, "SIGKILL");
    // The parents that stand outside must be able to run, to see their children's end.
    await setFrozen(host.cgroup, false);
    await eventually(`${host.name} ends`, () => !isPopulated(host.cgroup), 5000).catch(() => {
      // Something waits outside of the host's PIDs; it is killed next.
    });
  }
  await killGroup(host.cgroup);
}

/** Stops every user manager of a host and waits for its units to end, then ends what is left.
 *  @param graceMs after this long it is ended all the same */
export async function shutDown(record: LabRecord, host: HostRecord, graceMs: number): Promise<void> {
  const managers = record.tenants.map(({ uid }) => join(host.cgroup, "user.slice", `user-${uid}.slice`, `user@${uid}.service`));
  for (const pid of managers.flatMap((group) => processesIn(join(group, "init.scope")))) signalIfThere(pid, "SIGTERM");
  const isStopped = () => managers.every((group) => !isPopulated(group));
  await eventually(`user managers of ${host.name} end`, isStopped, graceMs).catch(() => {
    // A unit that doesn't end in time is killed, as at any reboot.
  });
  await cutPower(record, host);
}

/** Finds a running host's PID 1, by the id that it has outside. */
export function findInit(host: HostRecord): number | undefined {
  return processesIn(join(host.cgroup, "init.scope")).find((pid) => /^NSpid:.*\t1$/m.test(readProc(pid, "status")));
}

/** What a host's PID 1 and user managers wrote since it was made. */
export function readConsole(host: HostRecord): string {
  const path = consolePath(host);
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

/** @returns whether the host's PID 1 is no more */
function startInit(record: LabRecord, host: HostRecord): () => boolean {
  const console = openSync(consolePath(host), "a");
  const file = (name: string) => join(import.meta.dirname, name);
  const boot = [file("boot-host.sh"), host.cgroup, `/run/netns/${host.netns}`, file("host-init.sh"), host.name, host.folder];
  // With its owner's end, however sudden, a host's processes end too; what is left is swept by the next to come.
  const isOurs = record.owner?.pid === process.pid;
  const argv = isOurs ? ["setpriv", "--pdeathsig", "KILL", ...boot] : boot;
  const child = spawn(argv[0] ?? "", argv.slice(1), {
    env: { PATH: systemPath, LANG: "C.UTF-8" },
    stdio: ["ignore", console, console],
    detached: true,
  });
  closeSync(console);
  let isGone = false;
  const markGone = () => {
    isGone = true;
  };
  child.once("exit", markGone).once("error", markGone).unref();
  return () => isGone;
}

function isUp(record: LabRecord, host: HostRecord): boolean {
  const init = findInit(host);
  if (init === undefined || !existsSync(`/proc/${init}/root/run/lab/up`)) return false;
  const inside = (path: string) => existsSync(`/proc/${init}/root${path}`);
  return record.tenants.every(
    ({ name, uid }) => !existsSync(join(host.folder, "linger", name)) || inside(`/run/user/${uid}/systemd/private`),
  );
}

function consolePath(host: HostRecord): string {
  return join(host.folder, "console.log");
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    // It ended between two looks.
    return "";
  }
}
