import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import { commandHelp, groupHelp } from "../../help/help-text.ts";
import { helpColumns } from "../../help/show-command.ts";
import type { Io } from "../../io/io.ts";
import { findCommand, startsWith } from "../../parse/find-command.ts";

/** Prints the manual of a command, of a group, or of everything. */
export async function run({ args }: Invocation, io: Io, { commands }: CommandDeps): Promise<CommandResult> {
  const found = findCommand(args, commands);
  const columns = helpColumns(io);
  const help =
    found.kind === "command"
      ? commandHelp(found.command, columns)
      : groupHelp(
          found.path,
          commands.filter((command) => startsWith(command.path, found.path)),
          columns,
        );
  return { exitCode: 0, envelope: { schema: "mosaic.help/1", complete: true, help }, text: () => help };
}
