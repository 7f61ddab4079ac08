import type { Command } from "../src/command.ts";
import { argumentForm, EXIT_CODE_TEXT, flagForm, flagMeaning, usageLine } from "../src/help/help-text.ts";
import type { Flag } from "../src/parse/declared.ts";
import { GLOBAL_FLAGS } from "../src/parse/global-options.ts";
import {
  roffExample,
  roffLines,
  roffParagraphs,
  roffReferences,
  roffSection,
  roffSubsection,
  roffTerms,
  roffText,
  roffTitle,
} from "./roff.ts";

/** Writes the manual as man pages: `mosaic.1`, one for each first word of a command (`mosaic-fleet.1`), and one for each daemon.
 *  @param commands the command table
 *  @param daemons what each daemon prints for `--help`; begins with its name, a colon and what it does
 *  @returns roff by file name, in the order of the table */
export function manPages(commands: readonly Command[], daemons: readonly string[], version: string): ReadonlyMap<string, string> {
  const nouns = Map.groupBy(commands, nounOf);
  const source = `Mosaic ${version}`;
  const pages = [...nouns].map(([noun, own]) => [pageName(noun), nounPage(noun, own, source)] as const);
  const programs = daemons.map((help) => [daemonName(help), daemonPage(help, source)] as const);
  const names = [...pages, ...programs].map(([name]) => name);
  const all = [["mosaic", rootPage(commands, names, source)] as const, ...pages, ...programs];
  return new Map(all.map(([name, lines]) => [`${name}.1`, `${lines.join("\n")}\n`]));
}

function rootPage(commands: readonly Command[], others: readonly string[], source: string): string[] {
  const name = "mosaic";
  return [
    ...roffTitle(name, source),
    ...nameSection(name, "fleets of always-on coding agents on many hosts, seen and reached as one"),
    ...roffSection("SYNOPSIS", roffLines(["mosaic <command> [flags]"])),
    ...roffSection("COMMANDS", roffTerms(commands.map((command) => [nameOf(command), command.summary]))),
    ...commonSections(),
    ...roffSection("SEE ALSO", roffReferences(others)),
  ];
}

function nounPage(noun: string, commands: readonly Command[], source: string): string[] {
  const [first] = commands;
  const verbs = commands.map(({ path }) => path.slice(1).join(" "));
  const summary = commands.length === 1 && first !== undefined ? first.summary : `commands of mosaic: ${verbs.join(", ")}`;
  return [
    ...roffTitle(pageName(noun), source),
    ...nameSection(pageName(noun), summary),
    ...roffSection("SYNOPSIS", roffLines(commands.map(usageLine))),
    ...roffSection(
      "COMMANDS",
      commands.flatMap((command) => roffSubsection(nameOf(command), commandLines(command))),
    ),
    ...commonSections(),
    ...roffSection("SEE ALSO", roffReferences(["mosaic"])),
  ];
}

/** The help as it is: its columns are the layout. */
function daemonPage(help: string, source: string): string[] {
  const [first = "", ...more] = help.trim().split("\n");
  return [
    ...roffTitle(daemonName(help), source),
    ...nameSection(daemonName(help), first.slice(first.indexOf(":") + 1).trim()),
    ...roffSection("DESCRIPTION", roffLines(more.slice(1))),
    ...roffSection("SEE ALSO", roffReferences(["mosaic", "mosaic-gateway"])),
  ];
}

function daemonName(help: string): string {
  return help.slice(0, help.indexOf(":"));
}

function commandLines({ summary, description, args, flags, schema, examples }: Command): string[] {
  const sentence = `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
  return [
    roffText(sentence),
    ...roffParagraphs(description),
    ...roffTerms(args.map((argument) => [argumentForm(argument), argument.help])),
    ...roffTerms(flags.map(flagEntry)),
    ...(schema === undefined ? [] : roffParagraphs(`--json prints the envelope ${schema}.`)),
    ...roffExample(examples.flatMap(({ line, does }) => [`# ${does}`, line])),
  ];
}

function commonSections(): string[] {
  return [
    ...roffSection("FLAGS OF EVERY COMMAND", roffTerms(GLOBAL_FLAGS.map(flagEntry))),
    ...roffSection("EXIT STATUS", roffTerms(EXIT_CODE_TEXT)),
  ];
}

// One line, and nothing else on it: that is where apropos and whatis read what a page is about.
function nameSection(name: string, summary: string): string[] {
  return roffSection("NAME", [`${roffText(name)} \\- ${roffText(summary)}`]);
}

function flagEntry(flag: Flag): readonly [string, string] {
  return [flagForm(flag), flagMeaning(flag)];
}

function nameOf({ path }: Command): string {
  return ["mosaic", ...path].join(" ");
}

function nounOf({ path }: Command): string {
  return path[0] ?? "";
}

function pageName(noun: string): string {
  return `mosaic-${noun}`;
}
