import { existsSync } from "node:fs";
import { join } from "node:path";
import { cgroupMount } from "./cgroups.ts";
import { systemPath } from "./system-tool.ts";

/** Programs that the lab uses, and the Debian package of each. */
const programs: readonly (readonly [program: string, debianPackage: string])[] = [
  ["ip", "iproute2"],
  ["nft", "nftables"],
  ["nsenter", "util-linux"],
  ["unshare", "util-linux"],
  ["setpriv", "util-linux"],
  ["env", "coreutils"],
  ["systemctl", "systemd"],
  ["dbus-daemon", "dbus-user-session"],
  ["tmux", "tmux"],
];

/** Says why no lab can be made here; undefined: one can. Tests skip by what it says. */
export function labObstacle(): string | undefined {
  if (process.platform !== "linux") return "the lab needs Linux";
  if (process.getuid?.() !== 0) return "the lab needs root";
  if (!existsSync("/lib/systemd/systemd")) return "the lab needs /lib/systemd/systemd: apt-get install systemd";
  const missing = programs.find(([program]) => !isInstalled(program));
  if (missing !== undefined) return `the lab needs ${missing[0]}: apt-get install ${missing[1]}`;
  if (cgroupMount() === undefined) return "the lab needs cgroup v2, and none is mounted";
  return undefined;
}

function isInstalled(program: string): boolean {
  return systemPath.split(":").some((folder) => existsSync(join(folder, program)));
}
