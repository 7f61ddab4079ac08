import { MosaicError } from "@mosaic/core/light";
import { readInstalled } from "./installed-record.ts";
import { type Layout, packageIn, versionFolder } from "./layout.ts";
import { manifestIn } from "./package-manifest.ts";
import { unreadableStores } from "./store-formats.ts";

/** Refuses a version that can't read what a newer one wrote.
 *  @throws MosaicError INCOMPATIBLE */
export function assertReadable(version: string, mosaicHome: string, formats: Readonly<Record<string, number>>): void {
  const problems = unreadableStores(mosaicHome, formats);
  if (problems.length === 0) return;
  throw new MosaicError("INCOMPATIBLE", `${version} can't read what is on disk: ${problems.join("; ")}`, {
    hint: "stay with the version that is used; --force goes there all the same, and its daemons refuse those stores",
  });
}

/** The formats that a version says it can read; empty: it says nothing, or is not here. */
export function formatsOf(layout: Layout, version: string): Readonly<Record<string, number>> {
  if (!readInstalled(layout, version)) return {};
  return manifestIn(packageIn(versionFolder(layout, version))).formats;
}
