import { readFileSync } from "node:fs";
import { join } from "node:path";
import { keepFile } from "../local/kept-files.ts";
import { type Layout, versionFolder } from "./layout.ts";

/** What is written into the folder of a version, before that has its name: a folder with it is whole. */
export interface InstalledRecord {
  readonly schema: "mosaic.installed/1";
  readonly version: string;
  /** Where it came from: a path, or `npm`. */
  readonly source: string;
  /** SHA-256 of the tarball in hex; empty: it was adopted from a folder. */
  readonly sha256: string;
  /** Who said that the checksum is right. */
  readonly verified: "SHA256SUMS" | "npm" | "nobody";
  readonly installed_at: string;
  /** The version that it took the place of when it was last switched to: where a rollback goes. Empty: none. */
  readonly replaced: string;
}

const NAME = "installed.json";

/** Reads what is written of a version; undefined: it is not there or not whole. */
export function readInstalled(layout: Layout, version: string): InstalledRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(join(versionFolder(layout, version), NAME), "utf8")) as InstalledRecord;
    return record.schema === "mosaic.installed/1" && record.version === version ? record : undefined;
  } catch {
    // Not there, or not readable: not a version that can be used.
    return undefined;
  }
}

/** Writes it into the folder of a version.
 *  @throws MosaicError MACHINE */
export async function writeInstalled(folder: string, record: InstalledRecord): Promise<void> {
  await keepFile(join(folder, NAME), `${JSON.stringify(record)}\n`);
}
