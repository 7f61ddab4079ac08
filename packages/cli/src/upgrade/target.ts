import { existsSync } from "node:fs";
import { join } from "node:path";
import { locateInstallation } from "../local/installation.ts";
import { VERSION } from "../version.ts";
import { currentVersion, type Layout, PACKAGE_NAME, packageIn, versionFolder } from "./layout.ts";
import { manifestIn } from "./package-manifest.ts";
import { type Installed, installationText } from "./where-installed.ts";

/** What can be switched to. */
export type Target =
  /** One of the versions that lie side by side. */
  | { readonly kind: "version"; readonly version: string }
  /** What was there before the first of them: an installation that is not ours to move. */
  | {
      readonly kind: "outside";
      readonly version: string;
      readonly what: string;
      readonly launcher: string;
      /** Command lines by program. */
      readonly commands: Readonly<Record<string, readonly [string, string]>>;
    };

/** A target in words. */
export function targetText(target: Target): string {
  return target.kind === "version" ? target.version : `${target.version} (${target.what})`;
}

/** What is used before an upgrade: a version of the layout, or npm's package, which is adopted as one; else whatever this is. */
export function currentTarget(layout: Layout, own: Installed): Target {
  const current = currentVersion(layout);
  if (current !== undefined) return { kind: "version", version: current };
  return own.kind === "npm" ? { kind: "version", version: manifestIn(own.folder).version } : outsideTarget(own, VERSION);
}

function outsideTarget(installed: Installed, version: string): Target {
  // A single file is told by its first word which of the programs it is to be.
  const launcher = installed.kind === "clone" ? join(installed.folder, "packages/cli/bin/mosaic.mjs") : "mosaic";
  const commands: Record<string, readonly [string, string]> = { mosaic: [process.execPath, launcher] };
  try {
    const { nodeDaemon, aggregatorDaemon } = locateInstallation();
    commands["mosaic-node"] = [nodeDaemon[0], nodeDaemon[1] ?? ""];
    commands["mosaic-aggregator"] = [aggregatorDaemon[0], aggregatorDaemon[1] ?? ""];
  } catch {
    // A clone without a build of them: then there are none to go back to.
  }
  return { kind: "outside", version, what: installationText(installed), launcher, commands };
}

/** Folder of the package of a target that is one of the versions; through the link `current` when it is that.
 *  @param isCurrent whether the link leads to it */
export function packageOf(layout: Layout, version: string, isCurrent: boolean): string {
  return isCurrent ? packageIn(layout.currentLink) : packageIn(versionFolder(layout, version));
}

/** The command line of a program of a package, on a Node that outlives the version it came with. */
export function programOf(packageFolder: string, program: string, executable: string = process.execPath): [string, string] {
  return [nodeFor(packageFolder, executable), join(packageFolder, "bin", `${program}.mjs`)];
}

/** The Node for a package: the machine's own where this process runs on that, else the one that came with it. */
function nodeFor(packageFolder: string, executable: string = process.execPath): string {
  if (!isCarried(executable)) return executable;
  const own = join(packageFolder, "node_modules/.bin/node");
  return existsSync(own) ? own : executable;
}

/** Says whether a Node is one that npm installed with a package, and not the machine's own. */
export function isCarried(executable: string): boolean {
  return /\/node_modules\/node-[a-z0-9-]+\/bin\/node$/.test(executable) || executable.includes(`/node_modules/${PACKAGE_NAME}/`);
}
