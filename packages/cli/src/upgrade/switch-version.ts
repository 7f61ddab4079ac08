import { lstatSync, readlinkSync } from "node:fs";
import { mkdir, rename, rm, symlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { MosaicError } from "@mosaic/core/light";
import { readInstalled, writeInstalled } from "./installed-record.ts";
import { type Layout, PACKAGE_NAME, PROGRAMS, versionFolder } from "./layout.ts";
import { syncTree } from "./sync-tree.ts";
import type { Target } from "./target.ts";

/** Makes a target the one that is used, at one instant: before it everybody gets the old version, after it the new one.
 *  @param replaced the version that it takes the place of, to which a rollback goes; undefined: that stays as it is written
 *  @throws MosaicError MACHINE; then the old one is still used */
export async function switchTo(layout: Layout, target: Target, replaced: string | undefined): Promise<void> {
  if (target.kind === "outside") {
    await rm(layout.currentLink, { force: true });
    await rm(layout.previousLink, { force: true });
    return;
  }
  const record = readInstalled(layout, target.version);
  if (!record) {
    throw new MosaicError("MACHINE", `version ${target.version} is not whole in ${layout.versionsFolder}`, {
      hint: "mosaic upgrade --list",
    });
  }
  const back = replaced ?? record.replaced;
  if (replaced !== undefined && replaced !== record.replaced)
    await writeInstalled(versionFolder(layout, target.version), { ...record, replaced });
  await replaceLink(layout.currentLink, join("versions", target.version));
  if (back !== "" && readInstalled(layout, back)) await replaceLink(layout.previousLink, join("versions", back));
  else await rm(layout.previousLink, { force: true });
  await syncTree(layout.root, 0);
}

/** The version that a rollback from this one goes to; undefined: none that is still there. */
export function wayBack(layout: Layout, version: string): string | undefined {
  const replaced = readInstalled(layout, version)?.replaced ?? "";
  return replaced !== "" && replaced !== version && readInstalled(layout, replaced) ? replaced : undefined;
}

/** Puts the commands where PATH looks, as links through `current`. What is there and is neither ours nor npm's link to this package
 *  is left alone.
 *  @returns paths that were left alone */
export async function linkCommands(layout: Layout): Promise<readonly string[]> {
  const left: string[] = [];
  await mkdir(layout.binFolder, { recursive: true });
  for (const program of PROGRAMS) {
    const path = join(layout.binFolder, program);
    const target = relative(layout.binFolder, join(layout.currentLink, "bin", program));
    const there = linkAt(path);
    if (there === target) continue;
    if (there === undefined || isOurs(there)) await replaceLink(path, target);
    else left.push(path);
  }
  return left;
}

/** Where a link leads, as it is written; empty: it is no link; undefined: nothing is there. */
function linkAt(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : "";
  } catch {
    // Nothing is there.
    return undefined;
  }
}

function isOurs(target: string): boolean {
  return target.includes(`node_modules/${PACKAGE_NAME}/`) || /\/mosaic\/current\/bin\//.test(target);
}

// A link can't be written anew: it is made under another name and takes the place at one instant.
async function replaceLink(path: string, target: string): Promise<void> {
  const temporary = `${path}.${process.pid}.new`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await rm(temporary, { force: true });
    await symlink(target, temporary);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new MosaicError("MACHINE", `cannot make the link ${path}: ${(cause as Error).message}`, { cause });
  }
}
