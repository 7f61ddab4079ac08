import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { COMMANDS } from "../src/command-table/command-table.ts";
import { bashCompletion } from "../src/commands/completion/bash.ts";
import { completionFacts } from "../src/commands/completion/completion-facts.ts";
import { fishCompletion } from "../src/commands/completion/fish.ts";
import { zshCompletion } from "../src/commands/completion/zsh.ts";
import type { PackedRelease } from "./pack-release.ts";
import { RELEASE_NAME, type RootManifest, releaseManifest } from "./release-manifest.ts";
import { sbomText } from "./sbom.ts";

export interface ReleaseFilesOptions {
  /** The clone that was packed. */
  readonly root: string;
  readonly version: string;
  /** Holds the tarball, and gets all else. */
  readonly folder: string;
  readonly packed: PackedRelease;
}

/** Puts beside a packed tarball what is released with it: the bill of materials, completions for three shells, and SHA256SUMS
 *  over all of them.
 *  @returns paths within the folder, in the order of SHA256SUMS, which is the last
 *  @throws Error when the lock file doesn't know what was bundled */
export function writeReleaseFiles({ root, version, folder, packed }: ReleaseFilesOptions): string[] {
  writeFileSync(join(folder, `${basename(packed.tarball, ".tgz")}.cdx.json`), billOf(root, version, packed));
  const facts = completionFacts(COMMANDS);
  mkdirSync(join(folder, "completions"), { recursive: true });
  // The names under which the shells look for them in their own folders.
  writeFileSync(join(folder, "completions/mosaic.bash"), bashCompletion(facts));
  writeFileSync(join(folder, "completions/_mosaic"), zshCompletion(facts));
  writeFileSync(join(folder, "completions/mosaic.fish"), fishCompletion(facts));
  const names = filesBelow(folder);
  writeFileSync(join(folder, "SHA256SUMS"), checksums(folder, names));
  return [...names, "SHA256SUMS"];
}

/** Says what a release would publish, and that it was not.
 *  @param files as `writeReleaseFiles` named them */
export function rehearsalText({ version, folder, packed }: ReleaseFilesOptions, files: readonly string[]): string {
  const sizes = files.map((name) => `  ${name}  ${Math.ceil(statSync(join(folder, name)).size / 1024)} KiB\n`);
  const publish = `  npm publish ${packed.tarball}\n  the other files beside it, as they are\n`;
  return `In ${folder}:\n${sizes.join("")}\nA release would publish ${RELEASE_NAME} ${version}:\n${publish}\nNothing was published.\n`;
}

/** The checksums of files, as `sha256sum --check` reads them. */
function checksums(folder: string, names: readonly string[]): string {
  const sumOf = (name: string) =>
    createHash("sha256")
      .update(readFileSync(join(folder, name)))
      .digest("hex");
  return names.map((name) => `${sumOf(name)}  ${name}\n`).join("");
}

function billOf(root: string, version: string, { bundledPackages }: PackedRelease): string {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as RootManifest;
  const { packages: locked } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const optional = Object.keys(releaseManifest(manifest, version, []).optionalDependencies);
  const { description, license } = manifest;
  return sbomText({
    release: { name: RELEASE_NAME, version, description, license },
    locked,
    bundled: bundledPackages,
    optional: optional.map((name) => `node_modules/${name}`),
  });
}

function filesBelow(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names.filter((name) => name !== "SHA256SUMS" && statSync(join(folder, name)).isFile()).sort();
}
