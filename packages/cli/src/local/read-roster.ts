import { resolve } from "node:path";
import { MosaicError, parseRoster, type Roster, silentLog } from "@mosaic/core";
import { loginName, watchedFiles } from "@mosaic/host";
import type { Io } from "../io/io.ts";

/** Beyond what the parser takes, so that it is the one to say why. */
const MAX_BYTES = 2 * 1024 * 1024;

/** Says which roster file is meant: the one that was named, else the one of the home. Absolute. */
export function rosterPathOf(named: string | undefined, mosaicHome: string, io: Io): string {
  if (named === undefined) return `${mosaicHome}/fleet/roster.yaml`;
  return resolve(io.cwd, named.replace(/^~(?=\/|$)/, io.env["HOME"] || "~"));
}

/** Reads a roster as this host's node would.
 *  @throws MosaicError ROSTER_INVALID when there is none, or with file, line and column of what is wrong with it */
export async function readRoster(path: string, io: Io): Promise<Roster> {
  const text = await readRosterText(path);
  if (text !== undefined) return parseRoster(text, { file: path, defaultTenant: loginName(), defaultHost: io.hostName() });
  throw new MosaicError("ROSTER_INVALID", `there is no roster at ${path}`, {
    hint: "write one: mosaic fleet init --profile minimal --write",
  });
}

/** Reads a roster file's text; undefined when there is no such file.
 *  @throws MosaicError MACHINE when it can't be read */
export async function readRosterText(path: string): Promise<string | undefined> {
  return await watchedFiles(silentLog).read(path, MAX_BYTES);
}
