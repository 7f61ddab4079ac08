import {
  ADDRESSES_PIPELINE,
  type CompletedCommand,
  type CompletionFacts,
  HOSTS_PIPELINE,
  innerGroups,
  shellQuoted,
  wordsAfter,
} from "./completion-facts.ts";

/** The script for bash 4 and newer. It needs nothing of the bash-completion package. */
export function bashCompletion({ nouns, commands }: CompletionFacts): string {
  const groups = nouns.map(({ word }) => {
    const verbs = wordsAfter([word], commands);
    return verbs.length > 0 ? `    ${shellQuoted(word)}) words=${shellQuoted(verbs.join(" "))} ;;` : "";
  });
  const inner = innerGroups(commands).map(
    (path) => `    ${shellQuoted(`${path.join(" ")} `)}) words=${shellQuoted(wordsAfter(path, commands).join(" "))} ;;`,
  );
  return `# bash completion of mosaic; made by: mosaic completion bash
_mosaic() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path="" words="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) path="$path$word " ;; esac
  done
  case "$path" in
    '') words=${shellQuoted(nouns.map(({ word }) => word).join(" "))} ;;
${[...commands.map(commandCase), ...inner].join("\n")}
  esac
  if [ -z "$words" ]; then
    case "\${path%% *}" in
${groups.filter((group) => group !== "").join("\n")}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _mosaic mosaic
`;
}

function commandCase(command: CompletedCommand): string {
  const flags = command.flags.map((flag) => flag.word).join(" ");
  const valued = command.flags.filter((flag) => flag.takesValue);
  const values = valued.map((flag) => {
    const names = flag.short ? `${flag.word}|-${flag.short}` : flag.word;
    return `        ${names}) words=${shellQuoted(flag.choices.join(" "))}; [ -n "$words" ] || return ;;`;
  });
  const listed = command.takesAddress ? ADDRESSES_PIPELINE : command.takesHost ? HOSTS_PIPELINE : undefined;
  const first = listed === undefined ? command.choices.join(" ") : `$(${listed})`;
  return `    ${shellQuoted(`${command.path.join(" ")} `)}*)
      case "$previous" in
${values.join("\n")}
        *) case "$current" in
          -*) words=${shellQuoted(flags)} ;;
          *) words="${first}"; [ -n "$words" ] || return ;;
        esac ;;
      esac ;;`;
}
