import { ADDRESSES_PIPELINE, type CompletedCommand, type CompletedFlag, type CompletionFacts } from "./completion-facts.ts";

/** The script for fish 3 and newer. */
export function fishCompletion({ nouns, commands }: CompletionFacts): string {
  const first = nouns.map(
    ({ word, meaning }) => `complete -c mosaic -n __fish_use_subcommand -f -a ${quoted(word)} -d ${quoted(meaning)}`,
  );
  return `# fish completion of mosaic; made by: mosaic completion fish
function __mosaic_addresses
  ${ADDRESSES_PIPELINE}
end
${[...first, ...commands.flatMap(linesOf)].join("\n")}
`;
}

function linesOf(command: CompletedCommand): string[] {
  const [noun = "", verb] = command.path;
  const isHere =
    verb === undefined
      ? `__fish_seen_subcommand_from ${noun}`
      : `__fish_seen_subcommand_from ${noun}; and __fish_seen_subcommand_from ${verb}`;
  const verbs = `__fish_seen_subcommand_from ${noun}; and test (count (commandline -opc)) -eq 2`;
  const begin = `complete -c mosaic -n ${quoted(isHere)}`;
  return [
    ...(verb === undefined ? [] : [`complete -c mosaic -n ${quoted(verbs)} -f -a ${quoted(verb)} -d ${quoted(command.summary)}`]),
    ...(command.takesAddress ? [`${begin} -f -a '(__mosaic_addresses)'`] : []),
    ...(command.choices.length > 0 ? [`${begin} -f -a ${quoted(command.choices.join(" "))}`] : []),
    ...command.flags.map((flag) => `${begin} ${flagPart(flag)}`),
  ];
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
