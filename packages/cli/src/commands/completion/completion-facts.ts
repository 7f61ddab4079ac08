import type { Command } from "../../command.ts";
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
    const verbs = commands.filter((each) => each.path[0] === noun).map((each) => each.path[1]);
    nouns.set(noun, verb === undefined ? command.summary : verbs.join(", "));
  }
  return { nouns: [...nouns].map(([word, meaning]) => ({ word, meaning })), commands: commands.map(completedCommand) };
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
    choices: command.args[0]?.choices ?? [],
    takesAddress: command.args[0]?.name === "addr",
  };
}

/** Puts text into single quotes for a POSIX shell. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A pipeline that prints the addresses of the agents of this host, one a line, and nothing when that takes too long. */
export const ADDRESSES_PIPELINE =
  'mosaic fleet ps --jsonl --timeout 1s 2>/dev/null | sed -n \'s/.*"type":"item","tenant_id":"\\([^"]*\\)","host":"\\([^"]*\\)","host_id":"[^"]*","name":"\\([^"]*\\)".*/\\1\\/\\2\\/\\3/p\'';
