import { basename } from "node:path";

/** The programs that are in a single file. */
const PROGRAMS = ["mosaic", "mosaic-node", "mosaic-aggregator"];

/** What a single file was started as: one of its programs, or a script that it runs as Node would. */
export type SingleFileProgram =
  | { readonly kind: "program"; readonly name: string }
  | { readonly kind: "script"; readonly path: string };

/** Says what a single file is to run: `mosaic-node` or `mosaic-aggregator` when that is its first word or the name that it was started
 *  by (a link), the script when its first word is an absolute path that ends in `.mjs`, else `mosaic`. The first word counts more: units
 *  name the file itself, whatever it is called, and no link that may go. No command of `mosaic` is called like any of these.
 *  @param startedAs the name it was started by, with or without folders
 *  @param words what followed */
export function programOf(
  startedAs: string,
  words: readonly string[],
): { readonly program: SingleFileProgram; readonly args: readonly string[] } {
  const [first = "", ...rest] = words;
  if (PROGRAMS.includes(first)) return { program: { kind: "program", name: first }, args: rest };
  if (/^\/.*\.mjs$/.test(first)) return { program: { kind: "script", path: first }, args: rest };
  const name = basename(startedAs);
  return { program: { kind: "program", name: PROGRAMS.includes(name) ? name : "mosaic" }, args: words };
}
