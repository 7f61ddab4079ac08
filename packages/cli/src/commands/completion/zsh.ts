import {
  ADDRESSES_PIPELINE,
  type CompletedCommand,
  type CompletedFlag,
  type CompletionFacts,
  HOSTS_PIPELINE,
  shellQuoted,
} from "./completion-facts.ts";

/** The script for zsh. */
export function zshCompletion({ nouns, commands }: CompletionFacts): string {
  const groups = nouns.flatMap(({ word }) => {
    const verbs = commands.filter((command) => command.path[0] === word && command.path.length > 1);
    return verbs.length > 0 ? [groupCase(word, verbs)] : [];
  });
  return `#compdef mosaic
# zsh completion of mosaic; made by: mosaic completion zsh
_mosaic() {
  local -a nouns verbs
  if (( CURRENT == 2 )); then
    nouns=(${nouns.map(({ word, meaning }) => described(word, meaning)).join(" ")})
    _describe command nouns
    return
  fi
  case "$words[2]" in
${[...groups, ...commands.filter((command) => command.path.length === 1).map((command) => `    ${command.path[0]}) shift words; (( CURRENT -= 1 ))\n${argumentsOf(command)} ;;`)].join("\n")}
  esac
}
_mosaic_addresses() {
  local -a addresses
  addresses=(\${(f)"$(${ADDRESSES_PIPELINE})"})
  compadd -a addresses
}
_mosaic_hosts() {
  local -a hosts
  hosts=(\${(f)"$(${HOSTS_PIPELINE})"})
  compadd -a hosts
}
compdef _mosaic mosaic
`;
}

/** The case of a group, with those of what is in it: groups again, or commands.
 *  @param depth how many words lie before the group's own, the program's name included */
function groupCase(name: string, commands: readonly CompletedCommand[], depth = 1): string {
  const byWord = Map.groupBy(commands, (command) => command.path[depth] ?? "");
  const meanings = [...byWord].map(([word, [first]]) =>
    described(word, first?.path.length === depth + 1 ? first.summary : `${name} ${word} …`),
  );
  const cases = [...byWord].map(([word, within]) => {
    const [only] = within;
    if (only?.path.length !== depth + 1) return groupCase(word, within, depth + 1);
    return `        ${word}) shift ${depth + 1} words; (( CURRENT -= ${depth + 1} ))\n${argumentsOf(only)} ;;`;
  });
  return `    ${name})
      if (( CURRENT == ${depth + 2} )); then
        verbs=(${meanings.join(" ")})
        _describe verb verbs
        return
      fi
      case "$words[${depth + 2}]" in
${cases.join("\n")}
      esac ;;`;
}

function argumentsOf(command: CompletedCommand): string {
  const flags = command.flags.flatMap((flag) =>
    [flag.word, ...(flag.short ? [`-${flag.short}`] : [])].map((word) => flagSpec(word, flag)),
  );
  const first = command.takesAddress
    ? "1:address:_mosaic_addresses"
    : command.takesHost
      ? "1:host:_mosaic_hosts"
      : `1:argument:(${command.choices.join(" ")})`;
  return `          _arguments ${[...flags, first, "*::argument:_files"].map(shellQuoted).join(" ")}`;
}

function flagSpec(word: string, flag: CompletedFlag): string {
  const meaning = flag.meaning.replaceAll(/[[\]\\:]/g, (character) => `\\${character}`);
  const value = flag.takesValue ? `:value:${flag.choices.length > 0 ? `(${flag.choices.join(" ")})` : "_files"}` : "";
  return `${word}[${meaning}]${value}`;
}

function described(word: string, meaning: string): string {
  return shellQuoted(`${word.replaceAll(":", "\\:")}:${meaning}`);
}
