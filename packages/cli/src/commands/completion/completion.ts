import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { bashCompletion } from "./bash.ts";
import { completionFacts } from "./completion-facts.ts";
import { fishCompletion } from "./fish.ts";
import { zshCompletion } from "./zsh.ts";

/** Prints a completion script for a shell. */
export async function run({ args }: Invocation, _io: Io, { commands }: CommandDeps): Promise<CommandResult> {
  const facts = completionFacts(commands);
  const write = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion }[args[0] as "bash" | "zsh" | "fish"];
  const script = write(facts);
  return { exitCode: 0, envelope: { schema: "mosaic.completion/1", complete: true, shell: args[0], script }, text: () => script };
}
