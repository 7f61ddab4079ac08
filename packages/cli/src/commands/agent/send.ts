import { MosaicError } from "@mosaic/core/light";
import type { SendRequestJson, SendResponseJson } from "@mosaic/wire";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { plainText } from "../../output/plain-text.ts";
import { askFirst, placesFor } from "../../remote/endpoints.ts";
import { type SendOptions, sendOptions, type WaitFor } from "./send-options.ts";
import { sentenceOf } from "./send-sentence.ts";
import { exitCodeOfReceipt, type SentReceipt, toSentReceipt } from "./sent-receipt.ts";

/** What `agent send --json` prints. The names of its fields are a contract; see send.test.ts. */
export interface SendAnswer {
  readonly schema: "mosaic.agent.send/1";
  /** True when the state that was asked for is reached. */
  readonly complete: boolean;
  readonly receipt: SentReceipt;
}

/** Sends a text to an agent and tells how far it is known to have come. */
export async function run(invocation: Invocation, io: Io, deps: CommandDeps): Promise<CommandResult> {
  const options = await sendOptions(invocation, io);
  const reply = await send(options, deps);
  if (!reply.receipt)
    throw new MosaicError("INTERNAL", "the server took the message and gave no receipt", { hint: repeatHint(options) });
  const receipt = toSentReceipt(reply.receipt);
  const exitCode = exitCodeOfReceipt(receipt, options);
  const answer: SendAnswer = { schema: "mosaic.agent.send/1", complete: exitCode === 0, receipt };
  return { exitCode, envelope: answer, text: () => `${plainText(sentenceOf(receipt, options))}\n` };
}

/** Beyond the wait itself, for the way there and back and for typing, in ms. */
export const SLACK_MS = 10_000;

async function send(options: SendOptions, deps: CommandDeps): Promise<SendResponseJson> {
  const places = placesFor(options.isAllHosts ? "all-hosts" : "anywhere", options.globals);
  const request: SendRequestJson = {
    agent: { ...options.address },
    messageId: options.messageId,
    text: options.text,
    sourceLabel: options.sourceLabel,
    waitFor: WAIT_NAMES[options.waitFor],
    waitMs: options.waitMs,
  };
  try {
    return await askFirst(places, (place) =>
      deps.remote.unary<SendResponseJson>(place.endpoint, "Send", request, options.waitMs + SLACK_MS),
    );
  } catch (thrown) {
    throw withWayOn(MosaicError.from(thrown), options);
  }
}

/** Names the way on after an error. After these nobody can tell whether the text was typed, so the one safe way on is the same
 *  id again. */
export function withWayOn(error: MosaicError, options: Pick<SendOptions, "messageId">): MosaicError {
  const isUnknown = error.code === "DEADLINE" || error.code === "HOST_UNREACHABLE" || error.code === "CANCELLED";
  if (!isUnknown) return error;
  const message = `${error.message}; the message may have been taken all the same`;
  return new MosaicError(error.code, message, { hint: repeatHint(options), candidates: error.candidates, cause: error });
}

function repeatHint(options: Pick<SendOptions, "messageId">): string {
  return `look with mosaic agent tail; to send it again, add --id ${options.messageId}`;
}

/** The states that can be waited for, as the contract names them. */
export const WAIT_NAMES: Readonly<Record<WaitFor, NonNullable<SendRequestJson["waitFor"]>>> = {
  entered: "DELIVERY_STATE_ENTERED",
  accepted: "DELIVERY_STATE_ACCEPTED",
  answered: "DELIVERY_STATE_ANSWERED",
};
