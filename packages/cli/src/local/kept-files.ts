import { takeFileLock, writeFileAtomically } from "@mosaic/host";

/** Replaces a small file at once, for this user alone; on disk when it resolves.
 *  @throws MosaicError MACHINE; the file is then as it was */
export async function keepFile(path: string, text: string): Promise<void> {
  await writeFileAtomically(path, text, 0o600);
}

/** Holds a file until it is disposed of, or this process ends.
 *  @returns undefined when another process holds it
 *  @throws MosaicError MACHINE when it can't be made */
export async function holdFile(path: string): Promise<Disposable | undefined> {
  return await takeFileLock(path);
}
