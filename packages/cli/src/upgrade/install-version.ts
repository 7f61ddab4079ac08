import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { MosaicError } from "@mosaic/core/light";
import { toolFailure } from "../local/run-tool.ts";
import { carryNode } from "./carry-node.ts";
import type { InstallWorld } from "./install-world.ts";
import { type InstalledRecord, readInstalled, writeInstalled } from "./installed-record.ts";
import { currentVersion, type Layout, linkedPrevious, PROGRAMS, packageIn, versionFolder } from "./layout.ts";
import { manifestIn } from "./package-manifest.ts";
import { selfCheck } from "./self-check.ts";
import { syncTree } from "./sync-tree.ts";

/** What is installed: a tarball, or the folder of a package that is installed elsewhere. */
export interface PackageToInstall {
  readonly kind: "tarball" | "folder";
  readonly path: string;
  readonly version: string;
  /** Empty for a folder. */
  readonly sha256: string;
  readonly verified: InstalledRecord["verified"];
  /** For the record: the path, or `npm`. */
  readonly source: string;
}

const STAGING = ".staging-";
const UNPACK_MS = 5 * 60_000;

/** Puts a version beside the others. It is made and checked under another name: an end in the middle leaves nothing that looks like
 *  a version. One that is there already, of the same bytes, is left as it is.
 *  @returns whether it was not there before
 *  @throws MosaicError MACHINE (full disk), INCOMPATIBLE when it does not run, WOULD_OVERWRITE for other bytes under the name of a
 *  version that is in use; then nothing has changed */
export async function installVersion(world: InstallWorld, wanted: PackageToInstall, nowIso: string): Promise<boolean> {
  const { layout, say } = world;
  const folder = versionFolder(layout, wanted.version);
  const there = readInstalled(layout, wanted.version);
  if (there && (there.sha256 === wanted.sha256 || wanted.kind === "folder")) return false;
  if (there && isInUse(layout, wanted.version)) {
    // One that was adopted has no checksum to compare: npm never publishes a version twice.
    if (there.sha256 === "") return false;
    throw inUse(wanted, there);
  }
  await cleanStaging(layout);
  const staging = join(layout.versionsFolder, `${STAGING}${process.pid}`);
  try {
    say(`installing ${wanted.version} beside the others in ${layout.versionsFolder}`);
    await mkdir(packageIn(staging), { recursive: true, mode: 0o700 });
    await fill(world, wanted, staging);
    await carryNode(world, packageIn(staging));
    say(`trying whether ${wanted.version} runs here`);
    await selfCheck(world, packageIn(staging), wanted.version);
    const { version, source, sha256, verified } = wanted;
    const record = {
      schema: "mosaic.installed/1",
      version,
      source,
      sha256,
      verified,
      installed_at: nowIso,
      replaced: "",
    } as const;
    await writeInstalled(staging, record);
    await syncTree(staging);
    world.signal.throwIfAborted();
    await rm(folder, { recursive: true, force: true });
    await rename(staging, folder);
    await syncTree(layout.versionsFolder, 0);
    return true;
  } catch (thrown) {
    throw notInstalled(wanted, layout, thrown);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Takes away what earlier tries that were killed left. Only for who holds the lock. */
export async function cleanStaging({ versionsFolder }: Layout): Promise<void> {
  const names = await readdir(versionsFolder).catch(() => []);
  for (const name of names.filter((each) => each.startsWith(STAGING)))
    await rm(join(versionsFolder, name), { recursive: true, force: true });
}

function isInUse(layout: Layout, version: string): boolean {
  return [currentVersion(layout), linkedPrevious(layout)].includes(version);
}

function inUse({ version, path, sha256 }: PackageToInstall, there: InstalledRecord): MosaicError {
  const sums = `its checksum is ${sha256.slice(0, 12)}…, and that one's ${there.sha256.slice(0, 12)}…`;
  return new MosaicError("WOULD_OVERWRITE", `${path} is another ${version} than the one in use here: ${sums}`, {
    hint: "give the new one a version of its own, or go to another version first: mosaic upgrade --list",
  });
}

async function fill({ runTool, env, signal }: InstallWorld, wanted: PackageToInstall, staging: string): Promise<void> {
  const into = packageIn(staging);
  const unpack = ["tar", "-xzf", wanted.path, "--strip-components=1", "--no-same-owner", "-C", into] as const;
  const copy = ["cp", "-a", `${wanted.path}/.`, into] as const;
  const argv = wanted.kind === "tarball" ? unpack : copy;
  const end = await runTool({ argv: [argv[0], ...argv.slice(1)], env, signal, timeoutMs: UNPACK_MS });
  if (end.exitCode !== 0) throw toolFailure(`${argv[0]} failed`, end, undefined);
  const { version } = manifestIn(into);
  if (version !== wanted.version) throw new MosaicError("INCOMPATIBLE", `it is ${version}, and ${wanted.version} was announced`);
  await linkPrograms(staging);
}

// As npm lays out a prefix, so that PATH and man find what they look for.
async function linkPrograms(staging: string): Promise<void> {
  const inside = packageIn(staging).slice(staging.length + 1);
  await mkdir(join(staging, "bin"), { mode: 0o700 });
  for (const program of PROGRAMS) await symlink(join("..", inside, "bin", `${program}.mjs`), join(staging, "bin", program));
  const pages = join(packageIn(staging), "man");
  if (!existsSync(pages)) return;
  await mkdir(join(staging, "share/man/man1"), { recursive: true, mode: 0o700 });
  for (const page of await readdir(pages))
    await symlink(join("../../..", inside, "man", page), join(staging, "share/man/man1", basename(page)));
}

function notInstalled({ version }: PackageToInstall, layout: Layout, thrown: unknown): MosaicError {
  const error = MosaicError.from(thrown);
  if (error.code === "CANCELLED") return error;
  const isFull = /no space|ENOSPC|quota/i.test(error.message);
  const hint = isFull ? `df -h ${layout.root} ; then the same again` : error.hint;
  const code = error.code === "INTERNAL" ? "MACHINE" : error.code;
  return new MosaicError(code, `cannot install ${version}, and nothing has changed: ${error.message}`, { hint, cause: thrown });
}
