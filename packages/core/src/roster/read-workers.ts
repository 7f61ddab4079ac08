import type { WatchedFiles } from "../ports/watched-file.ts";
import type { RosterAgent } from "./roster.ts";
import { parseWorker } from "./workers.ts";

/** An entry of a roster is never near this long. */
const MAX_WORKER_BYTES = 262_144;

/** Reads which ephemeral agents were started for lanes, in the order of their names. Files that are torn or not ours are left
 *  out; none when the folder is not there.
 *  @throws MosaicError MACHINE when the folder can't be read */
export async function readWorkers(files: WatchedFiles, directory: string): Promise<readonly RosterAgent[]> {
  const names = [...(await files.list(directory, ".json"))].sort();
  const texts = await Promise.all(names.map((name) => readText(files, `${directory}/${name}`)));
  return texts.flatMap((text) => (text === undefined ? [] : (parseWorker(text) ?? [])));
}

async function readText(files: WatchedFiles, path: string): Promise<string | undefined> {
  try {
    return await files.read(path, MAX_WORKER_BYTES);
  } catch {
    // One that can't be read must not hide the others.
    return undefined;
  }
}
