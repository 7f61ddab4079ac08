import { lstatSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Archive, type ArchivedFile, type ArchiveIndex, archiveSum } from "./single-file-archive.ts";
import { HALF, makeFolder, unpack } from "./single-file-unpack.ts";

/** Names the boot in which all of a folder was last compared with its checksum: a power cut may leave a file of the right size and
 *  another content, and nothing else does while a machine runs. */
const VERIFIED = ".verified-in-boot";
/** After this time without a use a folder of another version is removed, in ms. */
const keepOtherVersionsMs = 30 * 24 * 60 * 60 * 1000;

/** Unpacking takes a second; after this time nobody is at it any more, in ms. */
const keepHalfMs = 60 * 60 * 1000;

/** Why nothing can be unpacked, and what to do. */
export class CacheRefused extends Error {
  override readonly name = "CacheRefused";
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

export interface CachePlace {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly userId: number;
  readonly bootId: string;
  readonly nowUnixMs: number;
}

/** Finds the folder in which an archive is unpacked, and unpacks it there first where it isn't, or isn't whole: beside it, then by one
 *  rename, so that many may do so at once. It is for this user alone (0700), below `$XDG_CACHE_HOME`, else `~/.cache`; where nothing
 *  can be written there, below `$XDG_RUNTIME_DIR`, else the folder for temporary files.
 *  @param content is asked for only when it has to be unpacked
 *  @throws CacheRefused when the folder is somebody else's or open to others, or nothing can be written anywhere */
export function unpackedFolder(index: ArchiveIndex, content: () => Archive["content"], place: CachePlace): string {
  const problems: string[] = [];
  for (const parent of parentFolders(place)) {
    const folder = join(parent, `${index.version}-${index.sha256.slice(0, 16)}`);
    try {
      if (isWhole(folder, index, place)) return folder;
      makeOwnFolder(parent, place);
      unpack(folder, { index, content: content() }, { name: VERIFIED, text: place.bootId }, () => isWhole(folder, index, place));
      forgetOthers(parent, folder, place);
      return folder;
    } catch (thrown) {
      if (thrown instanceof CacheRefused) throw thrown;
      problems.push(`${parent}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
  }
  const hint = "name a folder that this user can write: XDG_CACHE_HOME=/some/folder mosaic …";
  throw new CacheRefused(`cannot unpack this program anywhere: ${problems.join("; ")}`, hint);
}

function parentFolders({ env, userId }: CachePlace): readonly string[] {
  const caches = [env["XDG_CACHE_HOME"], env["HOME"] ? join(env["HOME"], ".cache") : undefined, env["XDG_RUNTIME_DIR"]];
  const own = caches.filter((each) => each?.startsWith("/")).map((each) => join(each ?? "", "mosaic"));
  return [...own, join(tmpdir(), `mosaic-${userId}`)];
}

/** Says whether all files are there: by their sizes, which takes a millisecond; once in each boot by the checksum. */
function isWhole(folder: string, index: ArchiveIndex, place: CachePlace): boolean {
  if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) return false;
  assertOurs(dirname(folder), place);
  assertOurs(folder, place);
  const isThere = ({ path, bytes }: ArchivedFile) => statSync(join(folder, path), { throwIfNoEntry: false })?.size === bytes;
  if (!index.files.every(isThere)) return false;
  if (readText(join(folder, VERIFIED)) === place.bootId) return true;
  if (sumBelow(folder, index) !== index.sha256) return false;
  try {
    writeFileSync(join(folder, VERIFIED), place.bootId);
  } catch {
    // A full or read-only disk: it is compared again next time.
  }
  return true;
}

function sumBelow(folder: string, { files }: ArchiveIndex): string | undefined {
  try {
    return archiveSum(
      files,
      files.map(({ path }) => readFileSync(join(folder, path))),
    );
  } catch {
    // Not to be read: as good as not there.
    return undefined;
  }
}

function makeOwnFolder(parent: string, place: CachePlace): void {
  makeFolder(parent);
  assertOurs(parent, place);
}

// What lies there is run: whoever may write there may do all that this user may.
function assertOurs(path: string, { userId }: CachePlace): void {
  const { uid, mode } = lstatSync(path);
  const hint = `look at it: ls -ld ${path}; or name another place: XDG_CACHE_HOME=/some/folder mosaic …`;
  if (!lstatSync(path).isDirectory()) throw new CacheRefused(`will not run what lies in ${path}: it is no folder`, hint);
  if (uid !== userId)
    throw new CacheRefused(`will not run what lies in ${path}: it belongs to user ${uid}, and this is ${userId}`, hint);
  if ((mode & 0o022) !== 0)
    throw new CacheRefused(`will not run what lies in ${path}: others may write there`, `chmod 700 ${path}`);
}

// Running daemons of an older version load no part of themselves after their start. What a kill -9 left half unpacked nobody uses.
function forgetOthers(parent: string, folder: string, { nowUnixMs }: CachePlace): void {
  for (const name of readdirSync(parent)) {
    const path = join(parent, name);
    if (path === folder) continue;
    const isHalf = name.startsWith(HALF);
    const usedUnixMs = statSync(isHalf ? path : join(path, VERIFIED), { throwIfNoEntry: false })?.mtimeMs ?? nowUnixMs;
    if (nowUnixMs - usedUnixMs > (isHalf ? keepHalfMs : keepOtherVersionsMs)) rmSync(path, { recursive: true, force: true });
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Nobody has compared it yet.
    return undefined;
  }
}
