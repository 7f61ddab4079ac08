/** Adds to package-lock.json what `npm install` leaves out when a registry doesn't carry a platform's build: an entry for
 *  every optional dependency that some package names. `npm ci` refuses a lock file with such gaps on every platform,
 *  though it never fetches a build for another one. Run after each change of dependencies; `npm run check` looks. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** One entry of the lock file's `packages`, as far as it is needed here. */
export interface LockEntry {
  readonly version?: string;
  readonly dev?: boolean;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly [other: string]: unknown;
}

type LockPackages = Record<string, LockEntry>;

const SYSTEMS = ["android", "darwin", "freebsd", "linux", "openharmony", "win32"];
const PROCESSORS: Record<string, string> = { armv7: "arm" };

/** Lists entries that are missing, by their key in `packages`, each ready to be added. */
export function missingEntries(packages: LockPackages): LockPackages {
  const missing: LockPackages = {};
  for (const [key, entry] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (packages[`node_modules/${name}`] ?? packages[`${key}/node_modules/${name}`]) continue;
      missing[`node_modules/${name}`] = platformEntry(name, version, entry.dev === true);
    }
  }
  return missing;
}

/** Makes the entry of a build that can't be asked for: its platform is read from its name. It has no checksum, so npm
 *  takes what the registry of that day offers under the exact version; on Linux with glibc it is never fetched. */
function platformEntry(name: string, version: string, isDev: boolean): LockEntry {
  const words = name.split(/[/-]/);
  const at = words.findIndex((word) => SYSTEMS.includes(word));
  const [system, processor] = [words[at], words[at + 1]];
  // A build for every system at once, as a WebAssembly one is.
  if (words.includes("wasm32")) return { version, cpu: ["wasm32"], ...(isDev ? { dev: true } : {}), optional: true };
  if (system === undefined || processor === undefined) throw new Error(`cannot tell the platform of "${name}" from its name`);
  const libc = words.includes("musl") ? { libc: ["musl"] } : {};
  return {
    version,
    cpu: [PROCESSORS[processor] ?? processor],
    ...(isDev ? { dev: true } : {}),
    ...libc,
    optional: true,
    os: [system],
  };
}

function main(): void {
  const path = join(import.meta.dirname, "../../package-lock.json");
  const lock: { packages: LockPackages } = JSON.parse(readFileSync(path, "utf8"));
  const missing = missingEntries(lock.packages);
  const entries = Object.entries({ ...lock.packages, ...missing }).sort(([a], [b]) => a.localeCompare(b, "en"));
  writeFileSync(path, `${JSON.stringify({ ...lock, packages: Object.fromEntries(entries) }, null, 2)}\n`);
  process.stdout.write(`added ${Object.keys(missing).length} entries to package-lock.json\n`);
}

if (import.meta.main) main();
