import { MosaicError } from "@mosaic/core/light";
import type { Io } from "../io/io.ts";

/** Asks a question on stderr and waits for one key: y is yes, everything else is no.
 *  @throws MosaicError CANCELLED for Ctrl-C */
export async function askYes(question: string, io: Io): Promise<boolean> {
  io.stderr.write(`${question} [y/N] `);
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const interrupted = () => reject(new MosaicError("CANCELLED", "interrupted"));
  io.signal.addEventListener("abort", interrupted, { once: true });
  using _keys = io.stdin.openKeys((keys) => (keys.startsWith("\x03") ? interrupted() : resolve(/^[yY]/.test(keys))));
  try {
    const isYes = await promise;
    io.stderr.write(isYes ? "yes\n" : "no\n");
    return isYes;
  } finally {
    io.signal.removeEventListener("abort", interrupted);
  }
}
