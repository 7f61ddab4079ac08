import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The programs that are bundled: name of the bundle without ending, and its source. */
export const BUNDLES: Readonly<Record<string, string>> = {
  mosaic: "packages/cli/src/main.ts",
  "mosaic-node": "packages/node/src/daemon.ts",
  "mosaic-aggregator": "packages/aggregator/src/main.ts",
};

/** Where the bundles go: the CLI's package ships all three. */
export const BUNDLE_DIR = "packages/cli/dist";

/** Says whether the bundles in the clone at `root` were built from the sources as they are now. Takes about 10 ms. */
export function isBuildFresh(root: string): boolean {
  if (!Object.keys(BUNDLES).every((name) => existsSync(join(root, BUNDLE_DIR, `${name}.mjs`)))) return false;
  const path = stampPath(root);
  return existsSync(path) && readFileSync(path, "utf8") === sourceFingerprint(root);
}

/** Records that the bundles belong to the sources with that fingerprint, taken before the build read them. */
export function markBuilt(root: string, fingerprint: string): void {
  const path = stampPath(root);
  writeFileSync(`${path}.${process.pid}`, fingerprint);
  renameSync(`${path}.${process.pid}`, path);
}

/** Names the state of all that goes into a bundle. By path, size and time of change: reading every file would cost more
 *  than it saves, and a touched file costs one needless build. */
export function sourceFingerprint(root: string): string {
  const hash = createHash("sha256");
  for (const path of sourcePaths(root)) {
    const { size, mtimeMs } = statSync(join(root, path));
    hash.update(`${path} ${size} ${mtimeMs}\n`);
  }
  return hash.digest("hex");
}

function sourcePaths(root: string): string[] {
  const rooms = readdirSync(join(root, "packages"));
  const inRooms = rooms.flatMap((room) => [`packages/${room}/package.json`, ...sourcesBelow(root, `packages/${room}/src`)]);
  const own = ["package.json", "package-lock.json", "packages/cli/tools/build.ts", "packages/cli/tools/build-stamp.ts"];
  return [...own, ...inRooms].filter((path) => existsSync(join(root, path))).sort();
}

function sourcesBelow(root: string, directory: string): string[] {
  if (!existsSync(join(root, directory))) return [];
  const names = readdirSync(join(root, directory), { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts")).map((name) => `${directory}/${name}`);
}

function stampPath(root: string): string {
  return join(root, BUNDLE_DIR, ".built-from");
}
