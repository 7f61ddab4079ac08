import { MosaicError, nearNames } from "@mosaic/core/light";
import type { Command } from "../command.ts";
import { GLOBAL_FLAGS } from "./global-options.ts";

/** What the words at the front of a command line name. */
export type Found =
  | { readonly kind: "command"; readonly command: Command; readonly rest: readonly string[] }
  /** A group such as `fleet`, or nothing at all. */
  | { readonly kind: "group"; readonly path: readonly string[]; readonly rest: readonly string[] };

/** Finds the command that a command line names; flags may stand before, between and after its words.
 *  @throws MosaicError USAGE for a word that names nothing, with near commands */
export function findCommand(argv: readonly string[], commands: readonly Command[]): Found {
  const path: string[] = [];
  const rest: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? "";
    if (word.startsWith("-") && word !== "-") {
      const taken = takesNextWord(word) ? argv.slice(at, at + 2) : [word];
      rest.push(...taken);
      at += taken.length - 1;
      continue;
    }
    path.push(word);
    const within = commands.filter((command) => startsWith(command.path, path));
    if (within.length === 0) throw unknownCommand(path, commands);
    const command = within.find((each) => each.path.length === path.length);
    if (command) return { kind: "command", command, rest: [...rest, ...argv.slice(at + 1)] };
  }
  return { kind: "group", path, rest };
}

/** True when `path` begins with all of `start`. */
export function startsWith(path: readonly string[], start: readonly string[]): boolean {
  return start.every((word, index) => path[index] === word);
}

function takesNextWord(word: string): boolean {
  return GLOBAL_FLAGS.some((flag) => flag.kind !== "boolean" && word === `--${flag.name}`);
}

function unknownCommand(path: readonly string[], commands: readonly Command[]): MosaicError {
  const typed = path.at(-1) ?? "";
  const group = path.slice(0, -1);
  const within = commands.filter((command) => startsWith(command.path, group));
  // A verb without its noun (`mosaic ps`) is the commonest slip of all, so verbs of every group are candidates too.
  const byWord = Map.groupBy(
    [...new Set(within.map(toGroup(group.length + 1))), ...commands.map((command) => command.path.join(" "))],
    lastWord,
  );
  const near = nearNames(typed, [...byWord.keys()]).flatMap((word) => byWord.get(word) ?? []);
  const named = [...new Set(near)].slice(0, 3).map((name) => `mosaic ${name}`);
  const help = `mosaic ${[...group, "--help"].join(" ")}`;
  return new MosaicError("USAGE", `no such command: mosaic ${path.join(" ")}`, {
    hint: named.length > 0 ? `did you mean ${named.join(", or ")}?` : `see ${help}`,
  });
}

function toGroup(length: number): (command: Command) => string {
  return (command) => command.path.slice(0, length).join(" ");
}

function lastWord(name: string): string {
  return name.slice(name.lastIndexOf(" ") + 1);
}
