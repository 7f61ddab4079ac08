import { MosaicError } from "@mosaic/core";

/** Makes what the system threw an error of ours that says why in words.
 *  @param what for example `cannot write /x/y`
 *  @returns one of ours as it is, else MACHINE */
export function machineFailure(what: string, thrown: unknown): MosaicError {
  if (thrown instanceof MosaicError) return thrown;
  const { code, message } = thrown as NodeJS.ErrnoException;
  return new MosaicError("MACHINE", `${what}: ${REASONS[code ?? ""] ?? message}`, { cause: thrown });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "no space is left on the disk",
  EDQUOT: "the disk quota is used up",
  EROFS: "the disk is read-only",
  EACCES: "permission denied",
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  ELOOP: "it is a link, which is not followed",
};
