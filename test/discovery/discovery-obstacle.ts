import { existsSync } from "node:fs";
import { join } from "node:path";
import { systemPath } from "../lab/system-tool.ts";

/** Programs that these tests use, and the Debian package of each. */
const programs: readonly (readonly [program: string, debianPackage: string])[] = [
  ["ip", "iproute2"],
  ["nft", "nftables"],
  ["nsenter", "util-linux"],
  ["unshare", "util-linux"],
  ["dbus-daemon", "dbus-user-session"],
  ["avahi-daemon", "avahi-daemon"],
  ["avahi-browse", "avahi-utils"],
];

/** Says why two hosts with avahi-daemon can't be made here; undefined: they can. Tests skip by what it says. */
export function discoveryObstacle(): string | undefined {
  if (process.platform !== "linux") return "network namespaces need Linux";
  if (process.getuid?.() !== 0) return "network namespaces need root";
  const missing = programs.find(([program]) => !systemPath.split(":").some((folder) => existsSync(join(folder, program))));
  return missing === undefined ? undefined : `${missing[0]} is missing: apt-get install ${missing[1]}`;
}
