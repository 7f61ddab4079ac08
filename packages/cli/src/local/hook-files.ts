import { readlink, realpath, stat } from "node:fs/promises";
import { MosaicError } from "@mosaic/core";
import { fileStore } from "@mosaic/host";
import type { FileStep } from "@mosaic/lifecycle";
import type { HookFile } from "@mosaic/runtimes";

/** A change of a file that belongs to the user, ready to be made. */
export interface HookChange {
  readonly change: FileStep["kind"];
  /** As the runtime knows it. */
  readonly path: string;
  /** Makes it, unless the file is no longer what the change was made from.
   *  @throws MosaicError HOOKS_REFUSED, MACHINE; the file is then as it was */
  apply(): Promise<void>;
}

/** Works out how a file changes. Links are followed, so that they stay links; the file's mode stays.
 *  @throws MosaicError HOOKS_REFUSED for a file that can't be changed safely, MACHINE */
export async function planHookFile(file: HookFile, action: "install" | "remove"): Promise<HookChange> {
  const files = fileStore();
  const { target, mode } = await targetOf(file);
  const there = await files.read(target);
  const wanted = action === "install" ? file.install(there) : there === undefined ? undefined : file.remove(there);
  if (wanted !== undefined && action === "install" && file.install(wanted) !== wanted)
    throw new Error(`installing hooks into ${file.path} twice would change it twice`);
  return {
    change: kindOf(there, wanted),
    path: file.path,
    async apply() {
      if (there === wanted) return;
      // The runtime writes its settings too, and what it wrote meanwhile is not to be lost.
      if ((await files.read(target)) !== there) throw refused(file.path, "it changed just now");
      if (wanted === undefined) await files.remove(target);
      else await files.write(target, wanted, mode);
    },
  };
}

async function targetOf({ path, mode = 0o600 }: HookFile): Promise<{ target: string; mode: number }> {
  try {
    const target = await realpath(path);
    const facts = await stat(target);
    if (!facts.isFile()) throw refused(path, "it is not a file");
    if (facts.uid !== process.getuid?.()) throw refused(path, "it belongs to another user");
    return { target, mode: facts.mode & 0o777 };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    const link = await readlink(path).catch(() => undefined);
    if (link !== undefined) throw refused(path, `it is a link to ${link}, where there is nothing`);
    return { target: path, mode };
  }
}

function kindOf(there: string | undefined, wanted: string | undefined): FileStep["kind"] {
  if (there === wanted) return "keep";
  if (wanted === undefined) return "remove";
  return there === undefined ? "create" : "update";
}

function refused(path: string, why: string): MosaicError {
  return new MosaicError("HOOKS_REFUSED", `${path} was left as it is: ${why}`, {
    hint: "look at it, then repeat the command",
  });
}
