import { MosaicError } from "@mosaic/core/light";

/** Does something with an audit log, and says what is wrong when it can't be read.
 *  @throws MosaicError MACHINE naming the file */
export async function orUnreadable<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code;
    if (code === undefined || thrown instanceof MosaicError || typeof code !== "string") throw thrown;
    const hint =
      code === "ENOENT" ? "look at this host's own, without a path: mosaic audit verify" : `look at who may: ls -l ${path}`;
    throw new MosaicError("MACHINE", `cannot read the audit log "${path}": ${(thrown as Error).message}`, {
      hint,
      cause: thrown,
    });
  }
}
