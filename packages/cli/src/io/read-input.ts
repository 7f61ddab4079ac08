import { open } from "node:fs/promises";
import { MosaicError } from "@mosaic/core/light";

/** Reads standard input to its end.
 *  @throws MosaicError MESSAGE_TOO_LARGE when there is more than `maxBytes`. */
export async function readInput(maxBytes: number): Promise<Uint8Array> {
  return collect(process.stdin, maxBytes, "standard input");
}

/** Reads a file.
 *  @throws MosaicError USAGE when it can't be read, MESSAGE_TOO_LARGE when there is more than `maxBytes`. */
export async function readFileCapped(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    await using file = await open(path, "r");
    return await collect(file.createReadStream({ autoClose: false }), maxBytes, path);
  } catch (error) {
    if (error instanceof MosaicError) throw error;
    throw new MosaicError("USAGE", `cannot read ${path}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`, {
      cause: error,
    });
  }
}

async function collect(source: AsyncIterable<unknown>, maxBytes: number, name: string): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  let total = 0;
  for await (const piece of source as AsyncIterable<Buffer>) {
    total += piece.length;
    if (total > maxBytes)
      throw new MosaicError("MESSAGE_TOO_LARGE", `${name} holds more than the ${maxBytes} bytes that are taken`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
