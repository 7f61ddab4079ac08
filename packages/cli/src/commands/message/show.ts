import { EXIT_CODES } from "@mosaic/core/light";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { findMessage } from "../../messages/find-message.ts";
import { messageDetail } from "../../messages/message-detail.ts";
import { toShowAnswer } from "../../messages/message-show.ts";
import { DEFAULT_TIMEOUT_MS } from "../../parse/global-options.ts";
import { placesFor } from "../../remote/endpoints.ts";

/** Shows one message in full. */
export async function run({ args, flags, globals }: Invocation, _io: Io, deps: CommandDeps): Promise<CommandResult> {
  const withText = flags.boolean("text");
  const places = placesFor(flags.boolean("all-hosts") ? "all-hosts" : "anywhere", globals);
  const timeoutMs = globals.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const answer = toShowAnswer(await findMessage(places, args[0] ?? "", { withText, timeoutMs }, deps), withText);
  return {
    exitCode: answer.complete ? EXIT_CODES.ok : EXIT_CODES.partial,
    envelope: answer,
    text: (view) => messageDetail(answer, view),
  };
}
