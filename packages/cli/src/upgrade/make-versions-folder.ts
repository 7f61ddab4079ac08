import { mkdir } from "node:fs/promises";
import { MosaicError } from "@mosaic/core/light";
import type { Layout } from "./layout.ts";

/** Makes the folder of the versions where it is missing; for this user alone, as whoever writes there decides what daemons execute.
 *  @throws MosaicError MACHINE */
export async function makeVersionsFolder({ versionsFolder }: Layout): Promise<void> {
  try {
    await mkdir(versionsFolder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new MosaicError("MACHINE", `cannot make ${versionsFolder}: ${(cause as Error).message}`, { cause });
  }
}
