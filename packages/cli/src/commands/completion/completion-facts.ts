import type { Command } from "../../command.ts";
import { startsWith } from "../../parse/find-command.ts";
import { GLOBAL_FLAGS } from "../../parse/global-options.ts";

/** What a shell has to know to complete `mosaic`. */
export interface CompletionFacts {
  /** First words, in the order of the help. */
  readonly nouns: readonly Word[];
  readonly commands: readonly CompletedCommand[];
}

export interface CompletedCommand {
  readonly path: readonly string[];
  readonly summary: string;
  readonly flags: readonly CompletedFlag[];
  /** Values of the first argument. */
  readonly choices: readonly string[];
  /** True when the first argument is an agent's address. */
  readonly takesAddress: boolean;
  /** True when the first argument is a host. */
  readonly takesHost: boolean;
}

export interface CompletedFlag extends Word {
  readonly short: string | undefined;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
}

export interface Word {
  readonly word: string;
  readonly meaning: string;
}

/** Takes from the table what completion needs. */
export function completionFacts(commands: readonly Command[]): CompletionFacts {
  const nouns = new Map<string, string>();
  for (const command of commands) {
    const [noun = "", verb] = command.path;
    nouns.set(noun, verb === undefined ? command.summary : wordsAfter([noun], commands).join(", "));
  }
  return { nouns: [...nouns].map(([word, meaning]) => ({ word, meaning })), commands: commands.map(completedCommand) };
}

/** The words that may follow the beginning of a command, each once and in the order of the table. */
export function wordsAfter(path: readonly string[], commands: readonly Pick<Command, "path">[]): string[] {
  const within = commands.filter((command) => startsWith(command.path, path) && command.path.length > path.length);
  return [...new Set(within.map((command) => command.path[path.length] ?? ""))];
}

/** Beginnings of commands that name a group and no command, such as `agent approvals`, below the nouns. */
export function innerGroups(commands: readonly Pick<Command, "path">[]): readonly (readonly string[])[] {
  const found = commands.flatMap(({ path }) => (path.length > 2 ? [path.slice(0, -1)] : []));
  return [...new Map(found.map((path) => [path.join(" "), path])).values()];
}

function completedCommand(command: Command): CompletedCommand {
  const common = GLOBAL_FLAGS.filter((flag) => !command.flags.some((own) => own.name === flag.name));
  return {
    path: command.path,
    summary: command.summary,
    flags: [...command.flags, ...common].map((flag) => ({
      word: `--${flag.name}`,
      meaning: flag.help,
      short: flag.short,
      takesValue: flag.kind !== "boolean",
      choices: flag.choices ?? [],
    })),
    choices: command.args[0]?.choices ?? command.args[0]?.suggestions ?? [],
    takesAddress: command.args[0]?.name === "addr",
    takesHost: command.args[0]?.name === "host",
  };
}

/** Puts text into single quotes for a POSIX shell. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A pipeline that prints the addresses of the agents of this host, one a line, and nothing when that takes too long. */
export const ADDRESSES_PIPELINE =
  'mosaic fleet ps --jsonl --timeout 1s 2>/dev/null | sed -n \'s/.*"type":"item","tenant_id":"\\([^"]*\\)","host":"\\([^"]*\\)","host_id":"[^"]*","name":"\\([^"]*\\)".*/\\1\\/\\2\\/\\3/p\'';

/** A pipeline that prints every host that is expected, as tenant/host, one a line. */
export const HOSTS_PIPELINE =
  'mosaic host list --jsonl --timeout 1s 2>/dev/null | sed -n \'s/.*"type":"host","tenant_id":"\\([^"]*\\)","host":"\\([^"]*\\)".*/\\1\\/\\2/p\'';
