import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { isSea } from "node:sea";
import { MosaicError } from "@mosaic/core/light";
import { throughCurrent } from "../upgrade/where-installed.ts";

/** Where the parts of this installation are. */
export interface Installation {
  /** Command line of mosaic-node, without flags. */
  readonly nodeDaemon: readonly [string, ...string[]];
  readonly aggregatorDaemon: readonly [string, ...string[]];
  readonly frameworkDirectory: string;
}

/** Finds the daemons beside this code, bundled or as source, and `framework/` above it. A single file (docs/adr/0034) is its own daemons,
 *  by their names as its first word: what it unpacked may be removed under a unit that is to start after the next boot.
 *  @throws MosaicError MACHINE naming what is missing */
export function locateInstallation(here: string = import.meta.dirname, isSingleFile = isSea()): Installation {
  const bundle = ancestors(here, 2).find((folder) => existsSync(join(folder, "mosaic-node.mjs")));
  const source = ancestors(here, 4).find((folder) => existsSync(join(folder, "node/src/main.ts")));
  const frameworkDirectory = locateFramework(here);
  const entry = (name: "node" | "aggregator") => {
    if (isSingleFile) return `mosaic-${name}`;
    if (bundle !== undefined) return throughCurrent(join(bundle, `mosaic-${name}.mjs`));
    if (source !== undefined) return join(source, `${name}/src/main.ts`);
    throw missing(`mosaic-${name}`, here);
  };
  return {
    nodeDaemon: [ownNode(), entry("node")],
    aggregatorDaemon: [ownNode(), entry("aggregator")],
    frameworkDirectory,
  };
}

/** Finds `framework/`, which holds what hosts and agents are handed.
 *  @throws MosaicError MACHINE */
export function locateFramework(here: string = import.meta.dirname): string {
  const folder = ancestors(here, 6).find((each) => existsSync(join(each, "framework/stub-agent")));
  if (folder === undefined) throw missing("framework/stub-agent", here);
  return throughCurrent(join(folder, "framework"));
}

/** The Node.js that this process runs on, for others to run on later. */
export function ownNode(): string {
  return throughCurrent(process.execPath);
}

function ancestors(folder: string, depth: number): string[] {
  const found = [folder];
  for (let level = 0; level < depth; level += 1) found.push(dirname(found.at(-1) ?? folder));
  return found;
}

function missing(what: string, here: string): MosaicError {
  const isPackage = here.split("/").includes("node_modules");
  const hint = isPackage ? "install it anew: npm install --global mosaic-fleet" : "npm run build";
  return new MosaicError("MACHINE", `this installation has no ${what} near ${here}`, { hint });
}
