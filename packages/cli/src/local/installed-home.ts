import { realpathSync } from "node:fs";
import type { FileStore } from "@mosaic/core";
import { AGENT_TEMPLATE, homeOfUnit } from "@mosaic/lifecycle";

/** Whose agents this user's units keep. */
export type InstalledFor =
  | { readonly kind: "nobody" }
  | { readonly kind: "us" }
  | { readonly kind: "other"; readonly home: string };

/** Says for which MOSAIC_HOME `fleet install-systemd` was run. A user's units have one set of names, so that those of another home
 *  are not this fleet's, whatever its agents are called. */
export async function installedFor(
  files: Pick<FileStore, "read">,
  unitDirectory: string,
  mosaicHome: string,
): Promise<InstalledFor> {
  const text = await files.read(`${unitDirectory}/${AGENT_TEMPLATE}`);
  if (text === undefined) return { kind: "nobody" };
  const home = homeOfUnit(text);
  return home === undefined || isSameFolder(home, mosaicHome) ? { kind: "us" } : { kind: "other", home };
}

function isSameFolder(one: string, other: string): boolean {
  return one === other || realPath(one) === realPath(other);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // A folder that is gone is none but itself.
    return path;
  }
}
