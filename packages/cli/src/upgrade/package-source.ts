import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { MosaicError } from "@mosaic/core/light";
import { readInstalled } from "./installed-record.ts";
import { isVersion, type Layout, PACKAGE_NAME } from "./layout.ts";

/** Which version is wanted, and where it comes from. */
export type Wish =
  | { readonly kind: "tarball"; readonly path: string }
  | { readonly kind: "installed"; readonly version: string }
  /** A version, or a tag such as `latest`, of npm. */
  | { readonly kind: "npm"; readonly spec: string };

/** Understands what `mosaic upgrade` was given.
 *  @param word a version, a tag, a tarball, or a folder of tarballs, of which the newest counts; undefined: the latest of npm
 *  @throws MosaicError USAGE for what is none of these, MACHINE for a path that is not there */
export function parseWish(word: string | undefined, cwd: string, layout: Layout): Wish {
  if (word === undefined || word === "") return { kind: "npm", spec: "latest" };
  if (word.includes("/") || word.endsWith(".tgz") || word === "." || word === "..") return byPath(resolve(cwd, word));
  const version = word.replace(/^v(?=\d)/, "");
  if (isVersion(version)) return readInstalled(layout, version) ? { kind: "installed", version } : { kind: "npm", spec: version };
  if (/^[a-z][a-z0-9-]{0,40}$/.test(word)) return { kind: "npm", spec: word };
  throw new MosaicError("USAGE", `${JSON.stringify(word.slice(0, 80))} is no version, no tag and no tarball`, {
    hint: "write for example 1.2.3, latest, or ./mosaic-fleet-1.2.3.tgz",
  });
}

/** Says whether one version is newer than another, by the three numbers first and then by what stands behind them; one with nothing
 *  behind them is the newer.
 *  @returns negative, 0 or positive, for `sort` */
export function compareVersions(a: string, b: string): number {
  const [numbersA, restA] = partsOf(a);
  const [numbersB, restB] = partsOf(b);
  for (const [index, number] of numbersA.entries()) {
    const difference = number - (numbersB[index] ?? 0);
    if (difference !== 0) return difference;
  }
  if (restA === "" || restB === "") return restA === restB ? 0 : restA === "" ? 1 : -1;
  return restA.localeCompare(restB, "en", { numeric: true });
}

function byPath(path: string): Wish {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new MosaicError("MACHINE", `cannot upgrade from "${path}": there is no such file`, { hint: `ls ${path}` });
  if (!found.isDirectory()) return { kind: "tarball", path };
  const newest = readdirSync(path)
    .flatMap((name) => {
      const version = new RegExp(`^${PACKAGE_NAME}-(.+)\\.tgz$`).exec(name)?.[1];
      return version !== undefined && isVersion(version) ? [{ name, version }] : [];
    })
    .sort((a, b) => compareVersions(a.version, b.version))
    .at(-1);
  if (newest) return { kind: "tarball", path: join(path, newest.name) };
  throw new MosaicError("MACHINE", `cannot upgrade from the folder "${path}": it has no ${PACKAGE_NAME}-<version>.tgz`, {
    hint: `ls ${path}`,
  });
}

function partsOf(version: string): readonly [readonly number[], string] {
  const [numbers = "", ...rest] = version.replace(/\+.*$/, "").split("-");
  return [numbers.split(".").map(Number), rest.join("-")];
}
