import type { FileStore } from "@mosaic/core";
import type { PlannedFile } from "./planned-file.ts";

/** What is to be done with one file, or was. */
export interface FileStep {
  readonly kind: "create" | "update" | "keep" | "remove";
  readonly path: string;
}

/** Compares what should be there with what is.
 *  @param stale paths that are to be removed if they are there */
export async function compareFiles(
  planned: readonly PlannedFile[],
  stale: readonly string[],
  files: FileStore,
): Promise<FileStep[]> {
  const steps: FileStep[] = [];
  for (const { path, text } of planned) {
    const there = await files.read(path);
    steps.push({ kind: there === undefined ? "create" : there === text ? "keep" : "update", path });
  }
  for (const path of stale) if ((await files.read(path)) !== undefined) steps.push({ kind: "remove", path });
  return steps;
}

/** Does what {@link compareFiles} found. Each file is replaced at once, so that an end in the middle leaves old and new files
 *  but no half ones, and repeating it completes it.
 *  @throws MosaicError MACHINE at the first file that can't be written */
export async function applyFiles(steps: readonly FileStep[], planned: readonly PlannedFile[], files: FileStore): Promise<void> {
  const byPath = new Map(planned.map((file) => [file.path, file]));
  for (const { kind, path } of steps) {
    const file = byPath.get(path);
    if (kind === "remove") await files.remove(path);
    else if (kind !== "keep" && file) await files.write(path, file.text, file.mode);
  }
}
