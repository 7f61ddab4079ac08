import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** Makes a folder and those above it that are missing, for this user alone unless a mode is given. Succeeds when it is there.
 *  Node's own `recursive` never ends where a folder can't be made below one that is there and the system says ENOENT, as in `/proc` or
 *  below a mount point of automount.
 *  @returns the topmost folder that was made; undefined: all were there
 *  @throws Error with the system's own code, for example EROFS */
export async function makeFolder(path: string, mode = 0o700): Promise<string | undefined> {
  try {
    await mkdir(path, { mode });
    return path;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" || path === dirname(path)) return await assertFolder(path, error);
  }
  const firstMade = await makeFolder(dirname(path), mode);
  try {
    await mkdir(path, { mode });
  } catch (error) {
    // Somebody else made it meanwhile.
    await assertFolder(path, error);
  }
  return firstMade ?? path;
}

// What is there need not be made, whatever the system answers to the attempt: EEXIST mostly, EROFS or EACCES here and there.
async function assertFolder(path: string, why: unknown): Promise<undefined> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) throw why;
}
