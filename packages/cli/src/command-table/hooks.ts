import type { Command } from "../command.ts";

/** `mosaic agent install-hooks` */
export const hooksCommands: readonly Command[] = [
  {
    path: ["agent", "install-hooks"],
    summary: "makes runtimes report to Mosaic, or checks that they do",
    description: [
      "A runtime that reports says itself which prompt it took, when its turn ended and what it waits for. The hooks of claude, codex, opencode and pi are named by the launch line that Mosaic makes for each agent: nothing has to be installed, no file of yours is touched, and the same program started by hand reports nothing. For these the command checks that the files which the line names are on this host and are those that this program ships. stub reports by itself, and for command nothing does.",
      "A runtime that needs a file of yours changed has it changed in place: links stay links, modes stay, what is yours stays, and a file that can't be understood is left alone and told (HOOKS_REFUSED). --remove takes away exactly what was added.",
      "--check changes nothing, and also asks the node of this host what it hears: hooks that are in place and never heard make the agent HOOKLESS. It exits with 1 when something is missing, refused or HOOKLESS. Runtimes read their hooks at their start: afterwards mosaic fleet restart.",
    ].join("\n\n"),
    args: [
      {
        name: "runtime",
        help: "which; default: those of this host's roster",
        isOptional: true,
        isMany: true,
        choices: ["claude", "codex", "opencode", "pi", "stub", "command"],
      },
    ],
    flags: [
      { name: "check", kind: "boolean", help: "only check, and say what is heard" },
      { name: "remove", kind: "boolean", help: "take them away" },
      { name: "dry-run", kind: "boolean", help: "only say what would be done" },
    ],
    examples: [
      { line: "mosaic agent install-hooks --check", does: "do the runtimes of this host's roster report?" },
      { line: "mosaic agent install-hooks claude codex", does: "put the hooks of two in place" },
    ],
    schema: "mosaic.agent.hooks/1",
    load: () => import("../commands/agent/install-hooks.ts"),
  },
];
