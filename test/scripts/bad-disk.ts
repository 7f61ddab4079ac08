import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// In a mount namespace of its own, so that nobody else's disk is bad, and nothing has to be put right at the end.
const READ_ONLY = `
set -eu
mount --make-rprivate /
mount --bind "$1" "$1"
mount -o remount,bind,ro "$1"
shift
exec "$@"
`;

// What is left on the disk is copied out, because it goes with the namespace.
const FULL = `
set -eu
folder=$1 free_kb=$2 out=$3
shift 3
mount --make-rprivate /
mkdir "$out"
cp -a "$folder/." "$out"
mount -t tmpfs -o size=32m tmpfs "$folder"
cp -a "$out/." "$folder"
dd if=/dev/zero of="$folder/.ballast" bs=4k 2>/dev/null || :
size=$(stat -c %s "$folder/.ballast")
truncate -s $((size - free_kb * 1024)) "$folder/.ballast"
code=0
"$@" || code=$?
rm -r "$out"
rm "$folder/.ballast"
cp -a "$folder" "$out"
exit "$code"
`;

/** Options of a test that needs a disk that can't be written. */
export const needsMounts = { skip: findObstacle() ?? false, timeout: 120_000 };

/** Runs what follows with this folder on a disk that is read-only. */
export function onReadOnlyDisk(folder: string): readonly string[] {
  return ["unshare", "--mount", "sh", "-c", READ_ONLY, "sh", folder];
}

/** Runs what follows with this folder on a disk that has so many KB left. What is on it at the end is copied to `out`, which
 *  must not be there yet; the folder itself is as it was. */
export function onFullDisk(folder: string, freeKb: number, out: string): readonly string[] {
  return ["unshare", "--mount", "sh", "-c", FULL, "sh", folder, String(freeKb), out];
}

/** Every file below a folder, text by path; none when it is not there. */
export function filesBelow(folder: string): ReadonlyMap<string, string> {
  if (!existsSync(folder)) return new Map();
  const paths = readdirSync(folder, { recursive: true }).map(String).sort();
  const files = paths.filter((path) => statSync(join(folder, path), { throwIfNoEntry: false })?.isFile());
  return new Map(files.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

function findObstacle(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "needs root, to mount a disk that can't be written";
  const folder = mkdtempSync(join(tmpdir(), "mosaic-disk-"));
  try {
    mkdirSync(join(folder, "disk"));
    const [program = "", ...args] = [...onFullDisk(join(folder, "disk"), 0, join(folder, "out")), "true"];
    return spawnSync(program, args).status === 0 ? undefined : "needs mount namespaces and tmpfs";
  } finally {
    rmSync(folder, { recursive: true });
  }
}
