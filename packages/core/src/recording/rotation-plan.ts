import type { RecordingFile } from "../ports/recording-store.ts";

/** Says which files of one agent have to go so that at most `maxFiles` are left. Oldest first; what is being written stays,
 *  and counts.
 *  @param files all of them, in any order */
export function rotationPlan(files: readonly RecordingFile[], maxFiles: number): readonly RecordingFile[] {
  const finished = files.filter(({ isBeingWritten }) => !isBeingWritten).sort(byAge);
  return finished.slice(0, Math.max(0, Math.min(finished.length, files.length - maxFiles)));
}

/** Orders recordings by when they began, oldest first; those of one ms by id. */
export function byAge(a: RecordingFile, b: RecordingFile): number {
  return a.startedUnixMs - b.startedUnixMs || (a.id < b.id ? -1 : Number(a.id > b.id));
}
