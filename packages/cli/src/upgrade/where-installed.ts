import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { isSea } from "node:sea";
import { PACKAGE_NAME } from "./layout.ts";

/** What kind of installation a program runs from. */
export type Installed =
  /** One of the versions that lie side by side. */
  | { readonly kind: "versions"; readonly root: string; readonly version: string; readonly folder: string }
  /** A package that npm installed; `folder` is that of the package. */
  | { readonly kind: "npm"; readonly folder: string }
  /** One executable file. */
  | { readonly kind: "single-file"; readonly folder: string }
  /** The sources, built or as they stand. */
  | { readonly kind: "clone"; readonly folder: string };

/** Tells from where a program lies how it was installed.
 *  @param here folder of its code, without links
 *  @param isSingleFile whether it is one executable file */
export function whereInstalled(here: string, isSingleFile: boolean, executable: string): Installed {
  if (isSingleFile) return { kind: "single-file", folder: executable };
  const layout = new RegExp(`^(.+)/versions/([^/]+)/lib/node_modules/${PACKAGE_NAME}(?:/|$)`).exec(here);
  if (layout) {
    const [, root = "", version = ""] = layout;
    return { kind: "versions", root, version, folder: join(root, "versions", version) };
  }
  const npm = new RegExp(`^(.*/node_modules/${PACKAGE_NAME})(?:/|$)`).exec(here)?.[1];
  if (npm !== undefined) return { kind: "npm", folder: npm };
  return { kind: "clone", folder: cloneAbove(here) };
}

/** Says how this very program was installed. */
export function ownInstallation(): Installed {
  return whereInstalled(realpathSync(import.meta.dirname), isSea(), process.execPath);
}

/** What an installation is, in words. */
export function installationText(installed: Installed): string {
  switch (installed.kind) {
    case "versions":
      return `version ${installed.version} of those in ${installed.root}`;
    case "npm":
      return `the npm package in ${installed.folder}`;
    case "single-file":
      return `the single file ${installed.folder}`;
    case "clone":
      return `the clone in ${installed.folder}`;
    default:
      return installed satisfies never;
  }
}

/** The way to the same place that outlives the version: through the link `current`, where that leads to it now. What units, agents
 *  and people are handed has to go this way, or it names a version that is gone some upgrades later. */
export function throughCurrent(path: string): string {
  const [, root, version, rest] = /^(.+)\/versions\/([^/]+)(\/lib\/node_modules\/.+)$/.exec(path) ?? [];
  if (root === undefined || version === undefined || rest === undefined) return path;
  try {
    if (realpathSync(`${root}/current`) === realpathSync(`${root}/versions/${version}`)) return `${root}/current${rest}`;
  } catch {
    // No such link: it is some other folder that is called so.
  }
  return path;
}

function cloneAbove(here: string): string {
  for (let folder = here; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json")) && isWorkspaces(join(folder, "package.json"))) return folder;
  }
  return here;
}

function isWorkspaces(path: string): boolean {
  try {
    return "workspaces" in (JSON.parse(readFileSync(path, "utf8")) as object);
  } catch {
    // Torn or not ours: not what is looked for.
    return false;
  }
}
