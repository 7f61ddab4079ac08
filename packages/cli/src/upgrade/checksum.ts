import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { MosaicError } from "@mosaic/core/light";

/** What is known of a tarball's bytes. */
export interface Checksum {
  readonly sha256: string;
  /** Whether a list beside it names it, with this very checksum. */
  readonly isListed: boolean;
}

/** Takes a tarball's checksum, and holds it to SHA256SUMS beside it where that names it.
 *  @throws MosaicError INCOMPATIBLE when it is another one than the list says; MACHINE when it can't be read */
export async function checksumOf(path: string): Promise<Checksum> {
  const sha256 = await sha256Of(path);
  const list = join(dirname(path), "SHA256SUMS");
  const listed = listedSum(await readFile(list, "utf8").catch(() => ""), basename(path));
  if (listed !== undefined && listed !== sha256) {
    throw new MosaicError(
      "INCOMPATIBLE",
      `${path} is not what ${list} names: its checksum is ${sha256}, and there stands ${listed}`,
      {
        hint: "get it again, and do not install this one",
      },
    );
  }
  return { sha256, isListed: listed !== undefined };
}

/** The checksum of a file in a list as sha256sum writes it; undefined: it is not in it. */
export function listedSum(list: string, name: string): string | undefined {
  for (const line of list.split("\n")) {
    const [, sum, path] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line.trimEnd()) ?? [];
    if (path !== undefined && basename(path) === name) return sum;
  }
  return undefined;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(path), hash);
  } catch (cause) {
    throw new MosaicError("MACHINE", `cannot read "${path}": ${(cause as Error).message}`, { cause });
  }
  return hash.digest("hex");
}
