import { MosaicError } from "@mosaic/core/light";

/** What is to be done so that a roster's file holds a text. */
export interface RosterFilePlan {
  readonly path: string;
  readonly text: string;
  readonly kind: "create" | "replace" | "nothing";
  /** Where the old file is kept; undefined: there is none to keep. */
  readonly backupPath: string | undefined;
}

export interface RosterFileWish {
  readonly path: string;
  readonly text: string;
  /** What the file holds; undefined: there is none. */
  readonly there: string | undefined;
  readonly isForced: boolean;
  readonly nowUnixMs: number;
}

/** Plans how a roster gets into its file. A file that holds the text already is left alone.
 *  @throws MosaicError WOULD_OVERWRITE for another file that nobody said to replace */
export function planRosterFile({ path, text, there, isForced, nowUnixMs }: RosterFileWish): RosterFilePlan {
  if (there === undefined) return { path, text, kind: "create", backupPath: undefined };
  if (there === text) return { path, text, kind: "nothing", backupPath: undefined };
  if (isForced) return { path, text, kind: "replace", backupPath: `${path}.bak-${utcStamp(nowUnixMs)}` };
  throw new MosaicError("WOULD_OVERWRITE", `there is a roster at ${path}, and it is not the one to be written`, {
    hint: "look at it: mosaic agent roster; to replace it, and keep the old one beside it, add --force",
  });
}

// To the ms, so that two within one second keep two files: 20261121T114600.123Z.
function utcStamp(unixMs: number): string {
  return new Date(unixMs).toISOString().replace(/[-:]/g, "");
}
