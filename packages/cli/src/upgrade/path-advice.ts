import { realpathSync } from "node:fs";
import { join } from "node:path";
import { programFile } from "../local/program-files.ts";
import type { Layout } from "./layout.ts";

/** Says what is to be done so that a shell finds the version that is used, and no other Mosaic before it; empty: nothing.
 *  @param left commands that could not be put where PATH looks, as something else is there */
export function pathAdvice(
  layout: Layout,
  env: Readonly<Record<string, string | undefined>>,
  left: readonly string[],
): readonly string[] {
  const folder = left.length > 0 ? join(layout.currentLink, "bin") : layout.binFolder;
  const notes = left.map((path) => `${path} is not Mosaic's and stays as it is`);
  const found = programFile("mosaic", env["PATH"] ?? "");
  if (found !== undefined && isSame(found, join(layout.currentLink, "bin/mosaic"))) return notes;
  const home = env["HOME"] ?? "";
  const shown = home !== "" && folder.startsWith(`${home}/`) ? `$HOME${folder.slice(home.length)}` : folder;
  const why = found === undefined ? "your PATH does not find it" : `your PATH finds another one first, ${found}`;
  return [...notes, `${why}: put this line into your shell's profile: export PATH="${shown}:$PATH"`];
}

function isSame(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    // One of them leads nowhere.
    return false;
  }
}
