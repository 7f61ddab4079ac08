import type { Command } from "../command.ts";

/** Commands without a noun. */
export const generalCommands: readonly Command[] = [
  {
    path: ["version"],
    summary: "prints the version of this command, and of the daemons with --all",
    description:
      "With --all it also asks the node and the aggregator of this host, and --endpoint when given; those that do not answer are left out.",
    args: [],
    flags: [{ name: "all", kind: "boolean", help: "the daemons of this host too" }],
    examples: [{ line: "mosaic version --all", does: "what runs here, and how old it is" }],
    schema: "mosaic.version/1",
    load: () => import("../commands/version/version.ts"),
  },
  {
    path: ["completion"],
    summary: "prints a script that completes commands and flags in a shell",
    description: "Put it where your shell reads it at start. Agents' addresses are completed from `mosaic fleet ps`.",
    args: [{ name: "shell", help: "bash, zsh or fish", choices: ["bash", "zsh", "fish"] }],
    flags: [],
    examples: [
      { line: "source <(mosaic completion bash)", does: "for this shell" },
      {
        line: "mkdir -p ~/.config/fish/completions && mosaic completion fish > ~/.config/fish/completions/mosaic.fish",
        does: "for good",
      },
    ],
    schema: "mosaic.completion/1",
    load: () => import("../commands/completion/completion.ts"),
  },
  {
    path: ["help"],
    summary: "prints the manual of a command",
    description: "The same as --help after the command.",
    args: [{ name: "command", help: "its words", isOptional: true, isMany: true }],
    flags: [],
    examples: [{ line: "mosaic help fleet ps", does: "everything about fleet ps" }],
    schema: "mosaic.help/1",
    load: () => import("../commands/help/help.ts"),
  },
];
