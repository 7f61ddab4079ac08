import { EXIT_CODES, MosaicError } from "@mosaic/core/light";
import type { RetryMessageRequestJson, RetryMessageResponseJson } from "@mosaic/wire";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { byBeginning } from "../../messages/by-beginning.ts";
import { stateText } from "../../messages/message-cells.ts";
import { plainText } from "../../output/plain-text.ts";
import { DEFAULT_TIMEOUT_MS } from "../../parse/global-options.ts";
import { askFirst, placesFor } from "../../remote/endpoints.ts";
import { agentOf } from "../agent/send-sentence.ts";
import { isAtEnd, type SentReceipt, toSentReceipt } from "../agent/sent-receipt.ts";

/** What `message retry --json` prints. The names of its fields are a contract; see retry.test.ts. */
export interface MessageRetryAnswer {
  readonly schema: "mosaic.message.retry/1";
  readonly complete: true;
  /** True when it is on its way again. */
  readonly retried: boolean;
  readonly receipt: SentReceipt;
}

/** Sends a message again under its own id, as one more attempt. */
export async function run({ args, flags, globals }: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const sourceLabel = flags.text("source-label") ?? `${io.hostName()}:operator`;
  const mayDuplicate = flags.boolean("may-duplicate");
  const places = placesFor(flags.boolean("all-hosts") ? "all-hosts" : "anywhere", globals);
  const timeoutMs = globals.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const retry = async (messageId: string) => {
    const request: RetryMessageRequestJson = { messageId, sourceLabel, mayDuplicate };
    return await askFirst(places, (place) =>
      deps.remote.unary<RetryMessageResponseJson>(place.endpoint, "RetryMessage", request, timeoutMs),
    ).catch((thrown: unknown) => {
      throw withLook(MosaicError.from(thrown), messageId);
    });
  };
  const reply = await byBeginning(args[0] ?? "", retry, { places, timeoutMs }, deps);
  if (!reply.receipt) throw new MosaicError("INTERNAL", "the server was told to try the message again and gave no receipt");
  const receipt = toSentReceipt(reply.receipt);
  const retried = !isAtEnd(receipt) && receipt.state !== "UNCONFIRMED";
  const answer: MessageRetryAnswer = { schema: "mosaic.message.retry/1", complete: true, retried, receipt };
  return {
    exitCode: retried ? EXIT_CODES.ok : EXIT_CODES.failed,
    envelope: answer,
    text: () => `${plainText(`${agentOf(receipt)}: ${outcomeOf(receipt, retried)} (message ${receipt.message_id})`)}\n`,
  };
}

function outcomeOf(receipt: SentReceipt, isRetried: boolean): string {
  const state = stateText(receipt);
  if (!isRetried) return `not tried again: it is ${state}`;
  const held = receipt.held === "" ? "" : `; held: ${receipt.held}`;
  return `${state}, attempt ${Math.max(1, receipt.attempt)}${held}; to follow it: mosaic message watch ${receipt.message_id}`;
}

// Whoever answers again without having looked may make an agent do a thing twice.
function withLook(error: MosaicError, messageId: string): MosaicError {
  if (error.code !== "NOT_CONFIRMED") return error;
  const hint = `look first: mosaic message show ${messageId}, mosaic agent tail\nif it was not taken: mosaic message retry ${messageId} --may-duplicate`;
  return new MosaicError("NOT_CONFIRMED", error.message, { hint, candidates: error.candidates, cause: error });
}
