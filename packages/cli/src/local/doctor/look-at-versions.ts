import { existsSync } from "node:fs";
import { homedir } from "node:os";
import type { VersionsLook } from "../../doctor/doctor-world.ts";
import { readIntent } from "../../upgrade/intent.ts";
import { currentVersion, type Layout, layoutOf } from "../../upgrade/layout.ts";
import { ownInstallation } from "../../upgrade/where-installed.ts";
import { holdFile } from "../kept-files.ts";

/** Looks at the versions that lie side by side for this user, and at what an upgrade or a rollback left.
 *  @throws MosaicError MACHINE when its lock can't be looked at */
export async function lookAtVersions(env: Readonly<Record<string, string | undefined>>): Promise<VersionsLook> {
  const own = ownInstallation();
  const layout = layoutOf({ ...env, HOME: env["HOME"] || homedir() }, own.kind === "versions" ? own.root : undefined);
  const isUnderWay = await isHeld(layout);
  // Read after that: what has ended meanwhile left nothing.
  return { own, currentLink: layout.currentLink, current: currentVersion(layout), intent: readIntent(layout), isUnderWay };
}

// The lock is the kernel's and ends with its process, so that whoever gets it knows that nobody is at work. It is given back at once.
async function isHeld(layout: Layout): Promise<boolean> {
  if (!existsSync(layout.lockPath)) return false;
  const lock = await holdFile(layout.lockPath);
  lock?.[Symbol.dispose]();
  return lock === undefined;
}
