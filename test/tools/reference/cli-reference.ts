import type { Command } from "../../../packages/cli/src/command.ts";
import { COMMANDS } from "../../../packages/cli/src/command-table/command-table.ts";
import { argumentForm, EXIT_CODE_TEXT, flagForm, flagMeaning, usageLine } from "../../../packages/cli/src/help/help-text.ts";
import type { Flag } from "../../../packages/cli/src/parse/declared.ts";
import { GLOBAL_FLAGS } from "../../../packages/cli/src/parse/global-options.ts";
import { anchorOf, markdownTable, pageHead, paragraphs } from "./page-tools.ts";

/** The page of the `mosaic` command, from its table. */
export function cliReference(): string {
  const contents = COMMANDS.map((command) => {
    const name = nameOf(command);
    return `- [\`${name}\`](#${anchorOf(name)}) ${command.summary}`;
  });
  return paragraphs(
    pageHead("The `mosaic` command", "packages/cli/src/command-table"),
    "The same as `mosaic <command> --help`, on one page.",
    contents.join("\n"),
    "## Flags of every command",
    flagTable(GLOBAL_FLAGS),
    "## Exit codes",
    markdownTable(["code", "meaning"], EXIT_CODE_TEXT),
    "The errors behind them are in [errors.md](errors.md).",
    ...COMMANDS.map(commandSection),
  );
}

function commandSection(command: Command): string {
  const { args, flags, examples } = command;
  return paragraphs(
    `## ${nameOf(command)}`,
    sentence(command.summary),
    `\`\`\`\n${usageLine(command)}\n\`\`\``,
    prose(command.description),
    markdownTable(
      ["argument", "meaning"],
      args.map((argument) => [code(argumentForm(argument)), prose(argument.help)]),
    ),
    flagTable(flags),
    command.schema === undefined ? "" : `\`--json\` prints the envelope \`${command.schema}\`.`,
    `\`\`\`sh\n${examples.map(({ line, does }) => `# ${does}\n${line}`).join("\n")}\n\`\`\``,
  );
}

function flagTable(flags: readonly Flag[]): string {
  return markdownTable(
    ["flag", "meaning"],
    flags.map((flag) => [code(flagForm(flag)), prose(flagMeaning(flag))]),
  );
}

function nameOf(command: Command): string {
  return `mosaic ${command.path.join(" ")}`;
}

function sentence(clause: string): string {
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;
}

function code(text: string): string {
  return `\`${text}\``;
}

/** Text that is not Markdown: an angle bracket would begin a tag. */
function prose(text: string): string {
  return text.replaceAll("<", "&lt;");
}
