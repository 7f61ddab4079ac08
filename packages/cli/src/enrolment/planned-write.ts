import { type FileStore, MosaicError } from "@mosaic/core";

/** A file that a command would write. */
export interface PlannedWrite {
  readonly path: string;
  readonly text: string;
  readonly mode: 0o600 | 0o644;
  /** What it is, for people. */
  readonly what: string;
}

/** How a written file is told in an answer: never its text. */
export interface ToldFile {
  readonly path: string;
  readonly what: string;
  readonly mode: string;
}

/** Tells files of a plan. */
export function toldFiles(plan: readonly PlannedWrite[]): readonly ToldFile[] {
  return plan.map(({ path, what, mode }) => ({ path, what, mode: mode.toString(8).padStart(4, "0") }));
}

/** Refuses to go on when one of the files is there.
 *  @throws MosaicError WOULD_OVERWRITE */
export async function assertAbsent(files: FileStore, plan: readonly PlannedWrite[], hint: string): Promise<void> {
  for (const { path, what } of plan)
    if ((await files.read(path)) !== undefined) throw new MosaicError("WOULD_OVERWRITE", `${path} is there: ${what}`, { hint });
}

/** Writes the files in order: the one that makes all others count comes last. */
export async function writeAll(files: FileStore, plan: readonly PlannedWrite[]): Promise<void> {
  for (const { path, text, mode } of plan) await files.write(path, text, mode);
}
