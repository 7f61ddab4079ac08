import { open, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { type GrowingFiles, MosaicError } from "@mosaic/core";
import { startFolderWatch } from "./folder-watch.ts";

/** Files of this machine that others append to, with the kernel's notices. */
export function growingFiles(onFailure: (error: Error) => void): GrowingFiles {
  return {
    async size(path) {
      try {
        return (await stat(path)).size;
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw machineError(path, thrown);
      }
    },
    async read(path, fromByte, maxBytes) {
      try {
        await using file = await open(path, "r");
        const { buffer, bytesRead } = await file.read(Buffer.alloc(maxBytes), 0, maxBytes, fromByte);
        return buffer.subarray(0, bytesRead);
      } catch (thrown) {
        throw machineError(path, thrown);
      }
    },
    onGrowth(path, listener) {
      const name = basename(path);
      const onChange = (entry: string | undefined) => (entry === undefined || entry === name ? listener() : undefined);
      return startFolderWatch(dirname(path), { onChange, onFailure });
    },
  };
}

function machineError(path: string, thrown: unknown): MosaicError {
  return new MosaicError("MACHINE", `cannot read ${path}: ${(thrown as Error).message}`, { cause: thrown });
}
