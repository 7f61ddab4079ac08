import { MosaicError, parseRoster, type Roster, silentLog } from "@mosaic/core";
import { loginName, watchedFiles } from "@mosaic/host";
import type { Io } from "../io/io.ts";

/** Beyond what the parser takes, so that it is the one to say why. */
const MAX_BYTES = 2 * 1024 * 1024;

/** Reads a roster as this host's node would.
 *  @throws MosaicError ROSTER_INVALID when there is none, or with file, line and column of what is wrong with it */
export async function readRoster(path: string, io: Pick<Io, "hostName">): Promise<Roster> {
  const roster = await findRoster(path, io);
  if (roster !== undefined) return roster;
  throw new MosaicError("ROSTER_INVALID", `there is no roster at ${path}`, {
    hint: "write one: mosaic fleet init --profile minimal --write",
  });
}

/** As `readRoster`; undefined when there is no such file.
 *  @throws MosaicError ROSTER_INVALID with file, line and column of what is wrong with it, MACHINE when it can't be read */
export async function findRoster(path: string, io: Pick<Io, "hostName">): Promise<Roster | undefined> {
  return await rosterReader(path, io)();
}

/** Makes a function that reads a roster file as `findRoster` does, each time anew, and parses its text only when it is another
 *  than before: of 200 agents that takes 40 ms. */
export function rosterReader(path: string, io: Pick<Io, "hostName">): () => Promise<Roster | undefined> {
  let last: { readonly text: string; readonly roster: Roster } | undefined;
  return async () => {
    const text = await readRosterText(path);
    if (text === undefined) return undefined;
    if (text !== last?.text) {
      const roster = parseRoster(text, { file: path, defaultTenant: loginName(), defaultHost: io.hostName() });
      last = { text, roster };
    }
    return last.roster;
  };
}

/** As `findRoster`; undefined also when there is something wrong with it, for what must be possible without a roster.
 *  @throws MosaicError MACHINE when it can't be read */
export async function rosterIfGood(path: string, io: Pick<Io, "hostName">): Promise<Roster | undefined> {
  try {
    return await findRoster(path, io);
  } catch (thrown) {
    if (MosaicError.from(thrown).code === "ROSTER_INVALID") return undefined;
    throw thrown;
  }
}

/** Reads a roster file's text; undefined when there is no such file.
 *  @throws MosaicError MACHINE when it can't be read */
export async function readRosterText(path: string): Promise<string | undefined> {
  return await watchedFiles(silentLog).read(path, MAX_BYTES);
}
