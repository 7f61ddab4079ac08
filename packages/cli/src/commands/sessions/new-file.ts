import { type FileHandle, open, rename, unlink } from "node:fs/promises";
import { MosaicError } from "@mosaic/core/light";

/** A file that is there, under its name, only when it is whole. */
export interface NewFile extends AsyncDisposable {
  write(bytes: Uint8Array): Promise<void>;
  /** Ends it. Without that, disposing takes it away. */
  finish(): Promise<void>;
}

/** Begins a file that only its owner may read.
 *  @throws MosaicError WOULD_OVERWRITE when one is there and `isForced` is false, MACHINE when it can't be written */
export async function openNewFile(path: string, isForced: boolean): Promise<NewFile> {
  // What is replaced stays until the new one is whole; where nothing may be replaced, the name is taken at once.
  const written = isForced ? `${path}.${process.pid}.part` : path;
  const file = await open(written, "wx", 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "EEXIST" && !isForced)
      throw new MosaicError("WOULD_OVERWRITE", `${path} is there already`, {
        hint: "name another file, or replace it with --force",
      });
    throw cannotWrite(path, error);
  });
  return newFile(file, written, path);
}

function newFile(file: FileHandle, written: string, path: string): NewFile {
  let isFinished = false;
  return {
    write: (bytes) =>
      file.writeFile(bytes).catch((error: Error) => {
        throw cannotWrite(path, error);
      }),
    async finish() {
      try {
        await file.close();
        if (written !== path) await rename(written, path);
        isFinished = true;
      } catch (error) {
        throw cannotWrite(path, error as Error);
      }
    },
    async [Symbol.asyncDispose]() {
      if (isFinished) return;
      // The error that led here is the one to tell.
      await file.close().catch(() => {});
      await unlink(written).catch(() => {});
    },
  };
}

function cannotWrite(path: string, error: Error): MosaicError {
  return new MosaicError("MACHINE", `cannot write ${path}: ${error.message}`, { cause: error });
}
