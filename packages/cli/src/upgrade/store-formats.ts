import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";

/** A store whose format is looked at: what it is called in a package's manifest, and for people. */
interface StoreFormat {
  readonly name: string;
  readonly what: string;
  /** Which format is on disk; undefined: nothing is there, or it is not told by the disk. */
  readonly read: (fleet: string) => number | undefined;
}

const STORES: readonly StoreFormat[] = [
  { name: "messages", what: "the messages of the node", read: (fleet) => databaseVersion(join(fleet, "messages/inbox.db")) },
  {
    name: "messages",
    what: "the messages of the aggregator",
    read: (fleet) => databaseVersion(join(fleet, "messages/outbox.db")),
  },
  {
    name: "membership",
    what: "the membership of the aggregator",
    read: (fleet) => schemaVersion(join(fleet, "membership.json")),
  },
];

/** Says what a version could not read of what is on disk: it would refuse that, and its daemon would take no messages or not start.
 *  @param formats the newest that the version can read, by name, as its package says; one that it does not name is not known
 *  @returns one sentence each; empty: nothing stands in the way */
export function unreadableStores(mosaicHome: string, formats: Readonly<Record<string, number>>): readonly string[] {
  const fleet = join(mosaicHome, "fleet");
  return STORES.flatMap(({ name, what, read }) => {
    const [there, known] = [read(fleet), formats[name]];
    if (there === undefined || known === undefined || there <= known) return [];
    return [`the format of ${what} is ${there}, which a newer version made, and it knows formats up to ${known}`];
  });
}

/** Formats that are kept elsewhere, in a database that aggregators share, and that one version writes newer than another can read. */
export function newerElsewhere(
  now: Readonly<Record<string, number>>,
  wanted: Readonly<Record<string, number>>,
): readonly string[] {
  const [ours, theirs] = [now["database"], wanted["database"]];
  if (ours === undefined || theirs === undefined || ours <= theirs) return [];
  return [`a database that aggregators share (--store) may be in format ${ours} by now, and it knows formats up to ${theirs}`];
}

/** Where SQLite keeps `user_version` in the first bytes of a file, so that a database in use is not opened. A format that is only in
 *  its log as yet is read as the older one, until the daemon that wrote it ends. */
const USER_VERSION_AT = 60;
const HEADER_BYTES = 100;

function databaseVersion(path: string): number | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    const header = Buffer.alloc(HEADER_BYTES);
    if (readSync(file, header, 0, HEADER_BYTES, 0) < HEADER_BYTES) return undefined;
    return header.toString("latin1", 0, 15) === "SQLite format 3" ? header.readUInt32BE(USER_VERSION_AT) : undefined;
  } catch {
    // There is none.
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function schemaVersion(path: string): number | undefined {
  try {
    const { schema = "" } = JSON.parse(readFileSync(path, "utf8")) as { schema?: string };
    const number = /\.v(\d+)$/.exec(schema)?.[1];
    return number === undefined ? undefined : Number(number);
  } catch {
    // There is none, or it is no JSON, which is for the daemon to say.
    return undefined;
  }
}
