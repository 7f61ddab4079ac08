import {
  ADDRESSES_PIPELINE,
  type CompletedCommand,
  type CompletedFlag,
  type CompletionFacts,
  HOSTS_PIPELINE,
  innerGroups,
} from "./completion-facts.ts";

/** The script for fish 3 and newer. */
export function fishCompletion({ nouns, commands }: CompletionFacts): string {
  const first = nouns.map(
    ({ word, meaning }) => `complete -c mosaic -n __fish_use_subcommand -f -a ${quoted(word)} -d ${quoted(meaning)}`,
  );
  return `# fish completion of mosaic; made by: mosaic completion fish
function __mosaic_addresses
  ${ADDRESSES_PIPELINE}
end
function __mosaic_hosts
  ${HOSTS_PIPELINE}
end
${[...first, ...innerGroups(commands).map(groupLine), ...commands.flatMap(linesOf)].join("\n")}
`;
}

function linesOf(command: CompletedCommand): string[] {
  const begin = `complete -c mosaic -n ${quoted(seen(command.path))}`;
  return [
    ...(command.path.length === 1 ? [] : [wordLine(command.path, command.summary)]),
    ...(command.takesAddress ? [`${begin} -f -a '(__mosaic_addresses)'`] : []),
    ...(command.takesHost ? [`${begin} -f -a '(__mosaic_hosts)'`] : []),
    ...(command.choices.length > 0 ? [`${begin} -f -a ${quoted(command.choices.join(" "))}`] : []),
    ...command.flags.map((flag) => `${begin} ${flagPart(flag)}`),
  ];
}

function groupLine(path: readonly string[]): string {
  return wordLine(path, `${path.join(" ")} …`);
}

/** Offers the last word of a path after the others. */
function wordLine(path: readonly string[], meaning: string): string {
  const isNext = `${seen(path.slice(0, -1))}; and test (count (commandline -opc)) -eq ${path.length}`;
  return `complete -c mosaic -n ${quoted(isNext)} -f -a ${quoted(path.at(-1) ?? "")} -d ${quoted(meaning)}`;
}

function seen(path: readonly string[]): string {
  return path.map((word) => `__fish_seen_subcommand_from ${word}`).join("; and ");
}

function flagPart(flag: CompletedFlag): string {
  const short = flag.short ? ` -s ${flag.short}` : "";
  const choices = flag.choices.length > 0 ? ` -f -a ${quoted(flag.choices.join(" "))}` : "";
  return `-l ${flag.word.slice(2)}${short}${flag.takesValue ? " -r" : ""}${choices} -d ${quoted(flag.meaning)}`;
}

/** In fish, only the quote itself and the backslash mean something within single quotes. */
function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
