import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What the manners are held against: the files of the clone, read once. */
export interface Workspace {
  /** Short names of the folders in `packages/`. */
  readonly rooms: readonly string[];
  /** `package.json` of each room. */
  readonly manifests: Readonly<Record<string, Manifest>>;
  /** Text files that git knows or would add, by path from the root. */
  readonly files: ReadonlyMap<string, string>;
}

export interface Manifest {
  readonly name?: string;
  readonly description?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const generated = /^packages\/(wire|core)\/src\/gen\//;

/** Reads the clone at `root`. */
export function readWorkspace(root: string): Workspace {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], {
    cwd: root,
    encoding: "utf8",
  });
  const files = new Map<string, string>();
  for (const path of listed.split("\0")) {
    if (path === "" || !existsSync(join(root, path))) continue;
    const content = readFileSync(join(root, path));
    if (!content.includes(0)) files.set(path, content.toString("utf8"));
  }
  const rooms = readdirSync(join(root, "packages"));
  const manifests = Object.fromEntries(
    rooms.map((room) => [room, JSON.parse(files.get(`packages/${room}/package.json`) ?? "{}")]),
  );
  return { rooms, manifests, files };
}

/** A source file of a room that ends up in the product: no test, and not generated. */
export interface RoomSource {
  readonly room: string;
  readonly path: string;
  /** From the room's `src/`. */
  readonly name: string;
  readonly text: string;
}

/** Lists the product's sources. */
export function roomSources({ files }: Workspace): RoomSource[] {
  return [...files].flatMap(([path, text]) => {
    const match = /^packages\/([^/]+)\/src\/(.+\.ts)$/.exec(path);
    if (match?.[1] === undefined || match[2] === undefined || /(\.test|-for-tests)\.ts$/.test(path) || generated.test(path))
      return [];
    return [{ room: match[1], path, name: match[2], text }];
  });
}

/** Lists all code written by hand, tests and tools included. */
export function handWrittenCode({ files }: Workspace): [path: string, text: string][] {
  return [...files].filter(([path]) => /\.(ts|mjs)$/.test(path) && !generated.test(path));
}
