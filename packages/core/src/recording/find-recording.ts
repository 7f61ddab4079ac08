import { MosaicError } from "../errors.ts";
import type { RecordingFile } from "../ports/recording-store.ts";
import { nearNames } from "../text/near-names.ts";

/** Finds the recording that a person means by an id, or by its beginning when no other begins so.
 *  @throws MosaicError USAGE when none or more than one fits, with near ones */
export function findRecording(files: readonly RecordingFile[], wanted: string): RecordingFile {
  const exact = files.find(({ id }) => id === wanted);
  if (exact !== undefined) return exact;
  const fitting = wanted === "" ? [] : files.filter(({ id }) => id.startsWith(wanted));
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return only;
  const shown = JSON.stringify(wanted.slice(0, 80));
  if (fitting.length > 1) {
    const some = fitting.slice(0, 3).map(({ id }) => id);
    throw new MosaicError("USAGE", `${fitting.length} recordings begin with ${shown}`, {
      hint: `write more of it: ${some.join(", ")}`,
    });
  }
  const near = nearNames(
    wanted,
    files.map(({ id }) => id),
  );
  throw new MosaicError("USAGE", `no recording ${shown}`, {
    hint: near.length > 0 ? `did you mean ${near.join(", ")}?` : "see mosaic sessions list",
  });
}
