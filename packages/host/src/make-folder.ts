import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";

/** Makes a folder and those above it that are missing, for this user alone. Succeeds when it is there.
 *  @throws Error with the system's own code, for example EROFS */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    // Node looks at what it could not make, and tells of that look instead: one step after the other says what is wrong.
    await makeStepByStep(path);
  }
}

async function makeStepByStep(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || path === dirname(path)) throw error;
    await makeStepByStep(dirname(path));
    await mkdir(path, { mode: 0o700 });
  }
}
