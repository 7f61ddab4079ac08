import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { AGGREGATOR_HELP } from "../../aggregator/src/aggregator-arguments.ts";
import { NODE_HELP } from "../../node/src/node-arguments.ts";
import { COMMANDS } from "../src/command-table/command-table.ts";
import { bundle } from "./build.ts";
import { BUNDLES } from "./build-stamp.ts";
import { frameworkFiles } from "./framework-files.ts";
import { manPages } from "./man-pages.ts";
import { launcherText, releaseManifest } from "./release-manifest.ts";
import { packageFolders, thirdPartyNotices } from "./third-party-notices.ts";

export interface PackOptions {
  /** The clone to pack. */
  readonly root: string;
  /** Where the tarball goes; must exist. */
  readonly outputDir: string;
  /** Default: that of the clone's package.json. */
  readonly version?: string | undefined;
}

/** A package as `npm pack` made it. */
export interface PackedRelease {
  /** Full path of the tarball. */
  readonly tarball: string;
  /** What is in it, by path within the package, sorted. */
  readonly files: readonly string[];
  readonly packedBytes: number;
  /** Packages whose code is bundled, as package-lock.json names their folders (`node_modules/pino`); sorted. */
  readonly bundledPackages: readonly string[];
}

/** Makes the one package that is published: the programs bundled anew, `framework/` without its tests, and launchers. It has no
 *  dependency but the Node that runs it where the machine's own is too old (docs/adr/0014). The clone is not changed.
 *  @throws Error when the sources can't be bundled, or npm fails */
export async function packRelease(options: PackOptions): Promise<PackedRelease> {
  const stage = mkdtempSync(join(tmpdir(), "mosaic-pack-"));
  try {
    const bundled = await fillStage(stage, options);
    const bundledPackages = packageFolders(bundled).map((folder) => relative(options.root, folder));
    return { ...npmPack(stage, options.outputDir), bundledPackages };
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** @returns full paths of the files that were bundled */
async function fillStage(stage: string, { root, version: wanted }: PackOptions): Promise<readonly string[]> {
  const rootManifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const version = wanted ?? rootManifest.version;
  const bundled = await bundle({ root, bundles: BUNDLES, version, outputDir: join(stage, "dist"), hasMaps: false });
  for (const path of frameworkFiles(root)) copy(join(root, path), join(stage, path));
  for (const path of ["LICENSE", "CHANGELOG.md"]) copy(join(root, path), join(stage, path));
  copy(join(root, "packages/cli/README.md"), join(stage, "README.md"));
  copy(join(root, "packages/cli/bin/launch.mjs"), join(stage, "bin/launch.mjs"));
  for (const name of Object.keys(BUNDLES)) {
    const path = join(stage, "bin", `${name}.mjs`);
    writeFileSync(path, launcherText(name));
    chmodSync(path, 0o755);
  }
  const manual = manPages(COMMANDS, [NODE_HELP, AGGREGATOR_HELP], version);
  mkdirSync(join(stage, "man"));
  for (const [name, page] of manual) writeFileSync(join(stage, "man", name), page);
  writeFileSync(join(stage, "THIRD-PARTY-NOTICES.md"), thirdPartyNotices(bundled));
  const manifest = releaseManifest(rootManifest, version, [...manual.keys()]);
  writeFileSync(join(stage, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  return bundled;
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

function npmPack(stage: string, outputDir: string): Omit<PackedRelease, "bundledPackages"> {
  const args = ["pack", "--json", "--ignore-scripts", "--loglevel=error", "--pack-destination", outputDir];
  const answer = execFileSync("npm", args, { cwd: stage, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  const [packed] = JSON.parse(answer) as { filename: string; size: number; files: { path: string }[] }[];
  if (packed === undefined) throw new Error(`npm pack named no tarball: ${answer}`);
  const files = packed.files.map((file) => file.path).sort();
  return { tarball: join(outputDir, packed.filename), files, packedBytes: packed.size };
}
