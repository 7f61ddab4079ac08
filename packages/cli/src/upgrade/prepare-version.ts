import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { checksumOf } from "./checksum.ts";
import { installVersion, type PackageToInstall } from "./install-version.ts";
import type { InstallWorld } from "./install-world.ts";
import { readInstalled } from "./installed-record.ts";
import { packageIn, versionFolder } from "./layout.ts";
import { makeVersionsFolder } from "./make-versions-folder.ts";
import { fetchPackage, lookUpVersion } from "./npm-registry.ts";
import { manifestIn, manifestOfTarball, type PackageManifest } from "./package-manifest.ts";
import type { Wish } from "./package-source.ts";

/** What is known of a version before it is installed. */
export interface KnownPackage {
  readonly version: string;
  /** Undefined: it is npm's, and not here yet. */
  readonly manifest: PackageManifest | undefined;
  /** Empty: not known yet, or never was. */
  readonly sha256: string;
  readonly verified: PackageToInstall["verified"];
  readonly source: string;
}

/** Looks at what is wanted without changing anything.
 *  @throws MosaicError INCOMPATIBLE for what is no package of Mosaic or has another checksum than is listed; MACHINE */
export async function lookAtPackage(wish: Wish, world: InstallWorld): Promise<KnownPackage> {
  const { layout, env } = world;
  if (wish.kind === "installed") return installedPackage(wish.version, world);
  if (wish.kind === "npm") {
    const version = await lookUpVersion(wish.spec, { ...world, cwd: env["HOME"] ?? "/" });
    if (readInstalled(layout, version)) return installedPackage(version, world);
    return { version, manifest: undefined, sha256: "", verified: "npm", source: "npm" };
  }
  const { sha256, isListed } = await checksumOf(wish.path);
  const manifest = await manifestOfTarball(wish.path, world);
  return { version: manifest.version, manifest, sha256, verified: isListed ? "SHA256SUMS" : "nobody", source: wish.path };
}

/** Has a version that was looked at beside the others.
 *  @returns what is known of it now, and whether it was not there before
 *  @throws MosaicError as `installVersion` and `fetchPackage` */
export async function prepareVersion(
  wish: Wish,
  known: KnownPackage,
  world: InstallWorld,
  nowIso: string,
): Promise<{ readonly known: KnownPackage & { readonly manifest: PackageManifest }; readonly isNew: boolean }> {
  const { layout, say, env } = world;
  const { version } = known;
  if (wish.kind === "installed" || (wish.kind === "npm" && readInstalled(layout, version)))
    return { known: installedPackage(version, world), isNew: false };
  await makeVersionsFolder(layout);
  if (wish.kind === "tarball") {
    const isNew = await installVersion(world, { kind: "tarball", path: wish.path, ...known }, nowIso);
    return { known: { ...known, manifest: manifestIn(packageIn(versionFolder(layout, version))) }, isNew };
  }
  const folder = await mkdtemp(join(layout.root, ".fetched-"));
  try {
    say(`getting ${version} from npm`);
    const path = await fetchPackage(version, folder, { ...world, cwd: env["HOME"] ?? "/" });
    const { sha256 } = await checksumOf(path);
    const isNew = await installVersion(world, { kind: "tarball", path, ...known, sha256 }, nowIso);
    return { known: { ...known, sha256, manifest: manifestIn(packageIn(versionFolder(layout, version))) }, isNew };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function installedPackage(version: string, { layout }: InstallWorld): KnownPackage & { readonly manifest: PackageManifest } {
  const record = readInstalled(layout, version);
  const manifest = manifestIn(packageIn(versionFolder(layout, version)));
  return {
    version,
    manifest,
    sha256: record?.sha256 ?? "",
    verified: record?.verified ?? "nobody",
    source: versionFolder(layout, version),
  };
}
