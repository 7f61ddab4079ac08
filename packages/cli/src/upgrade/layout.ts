import { lstatSync, readdirSync, readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { MosaicError } from "@mosaic/core/light";

/** Where versions of Mosaic lie side by side for one user. Absolute paths. */
export interface Layout {
  readonly root: string;
  /** One folder a version, each what npm would make of a prefix: `bin`, `lib/node_modules/mosaic-fleet`, `share/man`. */
  readonly versionsFolder: string;
  /** A link to the version that is used. PATH and units go through it. */
  readonly currentLink: string;
  /** A link to the version that a rollback goes to, for when `mosaic` itself does not run any more. */
  readonly previousLink: string;
  /** What is under way, for whoever comes after a kill -9. */
  readonly intentPath: string;
  readonly lockPath: string;
  /** Where the commands' links are, for example `~/.local/bin`. */
  readonly binFolder: string;
}

/** The name of the published package. */
export const PACKAGE_NAME = "mosaic-fleet";

/** The programs of the package, under the names that are typed. */
export const PROGRAMS = ["mosaic", "mosaic-node", "mosaic-aggregator"] as const;

/** Lays versions out below a folder. */
export function layoutAt(root: string, binFolder: string): Layout {
  return {
    root,
    versionsFolder: join(root, "versions"),
    currentLink: join(root, "current"),
    previousLink: join(root, "previous"),
    intentPath: join(root, "upgrade.json"),
    lockPath: join(root, "upgrade.lock"),
    binFolder,
  };
}

/** Says where versions of this user lie: where the running program lies, if that is one of them, else below XDG_DATA_HOME.
 *  @param root that of the running program; undefined: it is not of such a layout
 *  @throws MosaicError USAGE without HOME */
export function layoutOf(env: Readonly<Record<string, string | undefined>>, root: string | undefined): Layout {
  const home = env["HOME"] ?? "";
  if (home === "") throw new MosaicError("USAGE", "cannot tell where versions go: HOME is not set", { hint: "set HOME" });
  return layoutAt(root ?? join(env["XDG_DATA_HOME"] || join(home, ".local/share"), "mosaic"), join(home, ".local/bin"));
}

/** The folder of one version. */
export function versionFolder({ versionsFolder }: Layout, version: string): string {
  return join(versionsFolder, version);
}

/** The package within the folder of a version. */
export function packageIn(folder: string): string {
  return join(folder, "lib/node_modules", PACKAGE_NAME);
}

/** The version that is used; undefined: none, nothing was ever installed here. */
export function currentVersion({ currentLink, versionsFolder }: Layout): string | undefined {
  return linkedVersion(currentLink, versionsFolder);
}

/** The version that the link `previous` names; undefined: none. */
export function linkedPrevious({ previousLink, versionsFolder }: Layout): string | undefined {
  return linkedVersion(previousLink, versionsFolder);
}

/** Names of the versions that are whole, in order of their names. */
export function versionNames({ versionsFolder }: Layout): readonly string[] {
  try {
    return readdirSync(versionsFolder)
      .filter((name) => isVersion(name))
      .sort();
  } catch {
    // Nothing was ever installed here.
    return [];
  }
}

/** Says whether a word is a version as npm writes it, and so fit for a folder's name. */
export function isVersion(word: string): boolean {
  return /^\d+\.\d+\.\d+(?:-[0-9A-Za-z][0-9A-Za-z.-]*)?(?:\+[0-9A-Za-z.-]+)?$/.test(word) && word.length <= 80;
}

function linkedVersion(link: string, versionsFolder: string): string | undefined {
  try {
    if (!lstatSync(link).isSymbolicLink()) return undefined;
    const target = join(dirname(link), readlinkSync(link));
    const version = basename(target);
    if (realpathSync(target) !== realpathSync(join(versionsFolder, version)) || !isVersion(version)) return undefined;
    return version;
  } catch {
    // It is not there, or leads nowhere.
    return undefined;
  }
}
