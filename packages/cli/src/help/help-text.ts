import type { Command } from "../command.ts";
import { padToWidth } from "../output/cell-width.ts";
import type { Argument, Flag } from "../parse/declared.ts";
import { GLOBAL_FLAGS } from "../parse/global-options.ts";
import { wrapText } from "./wrap-text.ts";

/** The manual of one command: what it does, its arguments and flags, and lines to copy. */
export function commandHelp(command: Command, columns: number): string {
  const name = ["mosaic", ...command.path].join(" ");
  const own = command.flags;
  const common = GLOBAL_FLAGS.filter((flag) => !own.some((each) => each.name === flag.name));
  return joined([
    `${name}: ${command.summary}`,
    `Usage: ${usageLine(command)}`,
    wrapText(command.description, columns),
    section("Arguments", command.args.map(argumentEntry), columns),
    section("Flags", own.map(flagEntry), columns),
    section("Flags of every command", common.map(flagEntry), columns),
    command.schema === undefined ? "" : `JSON: --json prints the envelope ${command.schema}.`,
    command.examples.length > 0
      ? `Examples:\n${command.examples.map(({ line, does }) => `  # ${does}\n  ${line}`).join("\n")}`
      : "",
  ]);
}

/** The manual of a group such as `fleet`, or of `mosaic` itself when the path is empty. */
export function groupHelp(path: readonly string[], commands: readonly Command[], columns: number): string {
  const entries = commands.map((command) => [command.path.join(" "), command.summary] as const);
  const isRoot = path.length === 0;
  return joined([
    isRoot ? "mosaic: fleets of always-on coding agents on many hosts, seen and reached as one" : "",
    `Usage: mosaic ${isRoot ? "<command>" : `${path.join(" ")} <verb>`} [flags]`,
    section("Commands", entries, columns),
    section("Flags of every command", GLOBAL_FLAGS.map(flagEntry), columns),
    isRoot ? section("Exit codes", EXIT_CODE_TEXT, columns) : "",
    isRoot ? section("To begin with", FIRST_COMMANDS, columns) : "",
    `More about one of them: mosaic ${isRoot ? "<command>" : `${path.join(" ")} <verb>`} --help`,
  ]);
}

/** How a command is typed, on one line. */
export function usageLine(command: Command): string {
  return ["mosaic", ...command.path, ...command.args.map(argumentForm), "[flags]"].join(" ");
}

/** A flag as typed, with what stands for its value: `-n, --lines <count>`. */
export function flagForm(flag: Flag): string {
  const value = flag.kind === "boolean" ? "" : ` <${flag.choices?.join("|") ?? flag.value ?? flag.kind}>`;
  return `${flag.short ? `-${flag.short}, ` : ""}--${flag.name}${value}`;
}

/** What a flag does, with its default and its variable. */
export function flagMeaning(flag: Flag): string {
  const extra = [
    flag.default === undefined ? "" : `default ${flag.default}`,
    flag.env === undefined ? "" : `or ${flag.env}`,
  ].filter(Boolean);
  return extra.length > 0 ? `${flag.help} (${extra.join("; ")})` : flag.help;
}

/** An argument as typed: `<addr>`, `[json]`, `[agent…]`. */
export function argumentForm(argument: Argument): string {
  const name = `${argument.name}${argument.isMany ? "…" : ""}`;
  return argument.isOptional ? `[${name}]` : `<${name}>`;
}

/** Stands last, where the prompt is: the list above it is longer than a screen. */
const FIRST_COMMANDS: readonly (readonly [string, string])[] = [
  ["mosaic demo run", "a fleet of three hosts on this machine, to look at"],
  ["mosaic status", "how this host and its fleet stand, and what needs a hand"],
  ["mosaic doctor", "what is wrong here, and what to type next"],
];

/** The exit codes in words. */
export const EXIT_CODE_TEXT: readonly (readonly [string, string])[] = [
  ["0", "ok"],
  ["1", "failed"],
  ["2", "the command line can't be understood"],
  ["3", "a partial answer: some hosts did not answer"],
  ["4", "nobody answered"],
  ["5", "not allowed"],
  ["6", "the delivery of a message is not confirmed"],
  ["130", "interrupted"],
];

function flagEntry(flag: Flag): readonly [string, string] {
  return [flagForm(flag), flagMeaning(flag)];
}

function argumentEntry(argument: Argument): readonly [string, string] {
  return [argumentForm(argument), argument.help];
}

function section(title: string, entries: readonly (readonly [string, string])[], columns: number): string {
  if (entries.length === 0) return "";
  const width = Math.min(34, Math.max(...entries.map(([name]) => name.length)));
  const lines = entries.flatMap(([name, meaning]) => {
    const [first = "", ...more] = wrapText(meaning, Math.max(30, columns - width - 4)).split("\n");
    const head =
      name.length > width ? [`  ${name}`, `  ${" ".repeat(width)}  ${first}`] : [`  ${padToWidth(name, width)}  ${first}`];
    return [...head, ...more.map((line) => `  ${" ".repeat(width)}  ${line}`)];
  });
  return `${title}:\n${lines.join("\n")}`;
}

function joined(parts: readonly string[]): string {
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}
