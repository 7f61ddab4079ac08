import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { readInstalled } from "./installed-record.ts";
import { currentVersion, type Layout, linkedPrevious, versionFolder, versionNames } from "./layout.ts";

/** So many versions are kept: the one that is used, the one before, and one more. */
const KEPT = 3;

/** Takes away the oldest versions; never the one that is used, nor the one that a rollback goes to.
 *  @returns those that were taken away */
export async function pruneVersions(layout: Layout): Promise<readonly string[]> {
  const spared = new Set([currentVersion(layout), linkedPrevious(layout)]);
  const newestFirst = versionNames(layout)
    .map((version) => ({ version, at: readInstalled(layout, version)?.installed_at ?? "" }))
    .sort((a, b) => b.at.localeCompare(a.at));
  const others = newestFirst.filter(({ version }) => !spared.has(version)).map(({ version }) => version);
  const gone = others.slice(Math.max(0, KEPT - (newestFirst.length - others.length)));
  for (const version of gone) await remove(layout, version);
  return gone;
}

// First by its name: a half removed one does not look like a version.
async function remove(layout: Layout, version: string): Promise<void> {
  const trash = join(layout.versionsFolder, `.gone-${version}`);
  await rm(trash, { recursive: true, force: true });
  await rename(versionFolder(layout, version), trash);
  for (const name of await readdir(layout.versionsFolder))
    if (name.startsWith(".gone-")) await rm(join(layout.versionsFolder, name), { recursive: true, force: true });
}
