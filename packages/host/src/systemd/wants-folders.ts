import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";

/** How strongly a link pulls an instance in, in systemd's words: for good, until the next boot, by the distribution. */
export type LinkStrength = "enabled" | "enabled-runtime" | "static";

/** Finds every unit that another one pulls in by a link (`default.target.wants/x.service`).
 *
 *  systemd 252 lists no instance among its unit files, however enabled, and asking it for the state of each one takes it
 *  1.3 ms: 0.3 s for 200 agents. This takes the same look at the same folders, once for all of them.
 *  @param folders systemd's unit folders in its order; those that are not there, or are closed to us, hold nothing
 *  @param runtimeDirectory the manager's `XDG_RUNTIME_DIR`
 *  @returns the strongest link of each unit's name */
export async function findWantedUnits(
  folders: readonly string[],
  runtimeDirectory: string,
): Promise<ReadonlyMap<string, LinkStrength>> {
  const isRuntime = (folder: string) => folder.startsWith(`${runtimeDirectory}/`) || folder.startsWith("/run/");
  // The user's own folder: the first of the plain ones, `user.control` and generated ones come before it.
  const ownFolder = folders.find((folder) => basename(folder) === "user" && !isRuntime(folder));
  const strengthOf = (folder: string): LinkStrength => {
    if (folder === ownFolder || folder === EVERY_USERS_FOLDER) return "enabled";
    return isRuntime(folder) ? "enabled-runtime" : "static";
  };
  const wanted = new Map<string, LinkStrength>();
  const found = await Promise.all(
    folders.map(async (folder) => ({ strength: strengthOf(folder), units: await unitsWantedIn(folder) })),
  );
  for (const { strength, units } of found.sort((a, b) => STRENGTHS.indexOf(b.strength) - STRENGTHS.indexOf(a.strength))) {
    for (const unit of units) wanted.set(unit, strength);
  }
  return wanted;
}

/** Where an administrator enables units for all users. */
const EVERY_USERS_FOLDER = "/etc/systemd/user";
const STRENGTHS: readonly LinkStrength[] = ["enabled", "enabled-runtime", "static"];
const LINK_FOLDER = /\.(wants|requires|upholds)$/;

async function unitsWantedIn(folder: string): Promise<readonly string[]> {
  const linkFolders = (await entriesOf(folder)).filter((name) => LINK_FOLDER.test(name));
  return (await Promise.all(linkFolders.map((name) => entriesOf(join(folder, name))))).flat();
}

async function entriesOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    // Most folders of the search path do not exist, and a folder that is closed to us is no reason to show nothing at all.
    return [];
  }
}
