import { EXIT_CODES, MosaicError } from "@mosaic/core/light";
import type { CancelMessageRequestJson, CancelMessageResponseJson } from "@mosaic/wire";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { byBeginning } from "../../messages/by-beginning.ts";
import { stateText } from "../../messages/message-cells.ts";
import { plainText } from "../../output/plain-text.ts";
import { DEFAULT_TIMEOUT_MS } from "../../parse/global-options.ts";
import { askFirst, placesFor } from "../../remote/endpoints.ts";
import { agentOf } from "../agent/send-sentence.ts";
import { isAtEnd, type SentReceipt, toSentReceipt } from "../agent/sent-receipt.ts";

/** What `message cancel --json` prints. The names of its fields are a contract; see cancel.test.ts. */
export interface MessageCancelAnswer {
  readonly schema: "mosaic.message.cancel/1";
  readonly complete: true;
  /** True when it is given up; false: it was typed, or at its end, before. */
  readonly cancelled: boolean;
  readonly receipt: SentReceipt;
}

/** Gives a message up that was not typed yet. To repeat it changes nothing. */
export async function run({ args, flags, globals }: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const sourceLabel = flags.text("source-label") ?? `${io.hostName()}:operator`;
  const places = placesFor(flags.boolean("all-hosts") ? "all-hosts" : "anywhere", globals);
  const timeoutMs = globals.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const cancel = async (messageId: string) => {
    const request: CancelMessageRequestJson = { messageId, sourceLabel };
    return await askFirst(places, (place) =>
      deps.remote.unary<CancelMessageResponseJson>(place.endpoint, "CancelMessage", request, timeoutMs),
    );
  };
  const reply = await byBeginning(args[0] ?? "", cancel, { places, timeoutMs }, deps);
  if (!reply.receipt) throw new MosaicError("INTERNAL", "the server was told to give the message up and gave no receipt");
  const receipt = toSentReceipt(reply.receipt);
  const cancelled = receipt.state === "FAILED" && receipt.reason === "CANCELLED";
  const answer: MessageCancelAnswer = { schema: "mosaic.message.cancel/1", complete: true, cancelled, receipt };
  return {
    exitCode: cancelled ? EXIT_CODES.ok : EXIT_CODES.failed,
    envelope: answer,
    text: () => `${plainText(`${agentOf(receipt)}: ${outcomeOf(receipt, cancelled)} (message ${receipt.message_id})`)}\n`,
  };
}

function outcomeOf(receipt: SentReceipt, isCancelled: boolean): string {
  if (isCancelled) return "cancelled; it was not typed and will not be";
  const state = stateText(receipt);
  return isAtEnd(receipt) ? `not cancelled: it had ended before: ${state}` : `not cancelled: it was typed before: ${state}`;
}
