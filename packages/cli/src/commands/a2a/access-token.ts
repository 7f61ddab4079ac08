import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { MosaicError } from "@mosaic/core/light";
import { assertOwnFile } from "@mosaic/host";
import { makeFolder } from "@mosaic/host/make-folder";

/** Reads the token that callers have to show, and makes one where there is none.
 *  @throws MosaicError NOT_ALLOWED when others could have read it, USAGE when it is too short to be one, MACHINE */
export async function accessToken(path: string): Promise<string> {
  const made = randomBytes(32).toString("base64url");
  try {
    await makeFolder(dirname(path));
    await writeFile(path, `${made}\n`, { mode: 0o600, flag: "wx" });
    return made;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "EEXIST")
      throw new MosaicError("MACHINE", `cannot write ${path}: ${(thrown as Error).message}`, {
        hint: "name another: --token-file",
        cause: thrown,
      });
  }
  await assertOwnFile(path, { isSecret: true });
  const token = (await readFile(path, "utf8")).trim();
  if (/^[\w.~+/=-]{16,512}$/.test(token)) return token;
  throw new MosaicError("USAGE", `${path} holds no token: at least 16 letters and digits are asked for`, {
    hint: "remove it, and a new one is made",
  });
}
