import { accessSync, constants, existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { MosaicError, silentLog } from "@mosaic/core";
import { connectSystemd, loginName, readLingering, tmuxVersion } from "@mosaic/host";
import type { DiskFacts, HostFacts } from "../fleet/judge-host.ts";
import type { Io } from "../io/io.ts";

/** Looks at what a fleet needs of this host. Changes nothing.
 *  @param folder where the fleet's files are, or will be
 *  @throws MosaicError MACHINE when tmux can't be run, CANCELLED */
export async function readHostFacts(folder: string, io: Io): Promise<HostFacts> {
  const env = Object.fromEntries(Object.entries(io.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  return {
    loginName: loginName(),
    tmuxVersion: await tmuxVersion(env, io.signal),
    systemd: await readSystemd(io),
    lingering: await readLingering({ user: loginName() }),
    disk: readDisk(folder),
  };
}

/** Says whether the user's systemd answers. One that is there and does not answer is as good as none. */
export async function readSystemd(io: Io): Promise<HostFacts["systemd"]> {
  const runtimeDirectory = io.env["XDG_RUNTIME_DIR"] || undefined;
  await using units = connectSystemd({ clock: io.clock, log: silentLog, runtimeDirectory });
  try {
    const reading = await units.read(["mosaic-*"], io.signal);
    return reading.kind === "absent" ? reading : { kind: "answers" };
  } catch (thrown) {
    const error = MosaicError.from(thrown);
    if (error.code !== "MACHINE") throw error;
    return { kind: "absent", reason: error.message };
  }
}

/** Looks at the disk that a folder is, or will be, on. */
export function readDisk(wanted: string): DiskFacts & { readonly totalBytes: number } {
  const folder = nearestFolder(wanted);
  const { bavail, bsize, blocks, files, ffree } = statfsSync(folder);
  const space = { freeBytes: bavail * bsize, totalBytes: blocks * bsize, freeFiles: files === 0 ? undefined : ffree };
  return { folder, isWritable: isWritable(folder), ...space };
}

// Asks the kernel instead of writing: whoever only checks should leave no trace.
function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    // No right, or a read-only disk.
    return false;
  }
}

function nearestFolder(path: string): string {
  return existsSync(path) || path === dirname(path) ? path : nearestFolder(dirname(path));
}
