import { formatAddress, MosaicError } from "@mosaic/core/light";
import type { SendRequestJson, SendResponseJson } from "@mosaic/wire";
import type { CommandDeps, CommandResult, Invocation } from "../../command.ts";
import type { Io } from "../../io/io.ts";
import { showReceiptProgress } from "../../messages/receipt-progress.ts";
import { plainText } from "../../output/plain-text.ts";
import { askFirst, placesFor } from "../../remote/endpoints.ts";
import { type SendOptions, sendOptions, type WaitFor } from "./send-options.ts";
import { sentenceOf, wayOnOf } from "./send-sentence.ts";
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
  const reply = await send(options, io, deps);
  if (!reply.receipt)
    throw new MosaicError("INTERNAL", "the server took the message and gave no receipt", { hint: wayOnHint(options) });
  const receipt = toSentReceipt(reply.receipt);
  const exitCode = exitCodeOfReceipt(receipt, options);
  const answer: SendAnswer = { schema: "mosaic.agent.send/1", complete: exitCode === 0, receipt };
  const lines = [sentenceOf(receipt, options), wayOnOf(receipt, options)].filter((line) => line !== "");
  return { exitCode, envelope: answer, text: () => `${lines.map(plainText).join("\n  ")}\n` };
}

/** Beyond the wait itself, for the way there and back and for typing, in ms. */
export const SLACK_MS = 10_000;

async function send(options: SendOptions, io: Io, deps: CommandDeps): Promise<SendResponseJson> {
  const places = placesFor(options.isAllHosts ? "all-hosts" : "anywhere", options.globals);
  const request: SendRequestJson = {
    agent: { ...options.address },
    messageId: options.messageId,
    text: options.text,
    sourceLabel: options.sourceLabel,
    waitFor: WAIT_NAMES[options.waitFor],
    waitMs: options.waitMs,
    ...(options.expiresInMs === undefined ? {} : { expiresInMs: options.expiresInMs }),
    ...(options.atLeastOnce ? { policy: "INJECTION_POLICY_AT_LEAST_ONCE" } : {}),
  };
  const { messageId, waitFor, globals } = options;
  await using progress = showReceiptProgress(
    { messageId, waitFor, globals, agent: formatAddress(options.address) },
    places,
    io,
    deps,
  );
  try {
    return await askFirst(places, (place) =>
      deps.remote.unary<SendResponseJson>(place.endpoint, "Send", request, options.waitMs + SLACK_MS),
    );
  } catch (thrown) {
    throw withWayOn(MosaicError.from(thrown), { messageId, isKnownTaken: progress.isKnownTaken() });
  }
}

/** Names the way on after an error. After these nobody can tell whether the text was typed, so it is looked up, and the one safe
 *  way to repeat it is the same id.
 *  @param message `isKnownTaken`: a server was heard to have it */
export function withWayOn(
  error: MosaicError,
  message: { readonly messageId: string; readonly isKnownTaken?: boolean },
): MosaicError {
  const isUnknown = error.code === "DEADLINE" || error.code === "HOST_UNREACHABLE" || error.code === "CANCELLED";
  if (!isUnknown) return error;
  const known = message.isKnownTaken === true;
  const told = known ? `message ${message.messageId} goes on without you` : "the message may have been taken all the same";
  const hint = known && error.code === "CANCELLED" ? goesOnHint(message) : wayOnHint(message);
  return new MosaicError(error.code, `${error.message}; ${told}`, { hint, candidates: error.candidates, cause: error });
}

function wayOnHint({ messageId }: { readonly messageId: string }): string {
  return `see what became of it: mosaic message show ${messageId}\nto repeat it and have it typed once, add --id ${messageId}`;
}

function goesOnHint({ messageId }: { readonly messageId: string }): string {
  return `see how it goes on: mosaic message watch ${messageId}\nto give it up: mosaic message cancel ${messageId}`;
}

/** The states that can be waited for, as the contract names them. */
export const WAIT_NAMES: Readonly<Record<WaitFor, NonNullable<SendRequestJson["waitFor"]>>> = {
  queued: "DELIVERY_STATE_QUEUED",
  delivered: "DELIVERY_STATE_DELIVERED",
  entered: "DELIVERY_STATE_ENTERED",
  accepted: "DELIVERY_STATE_ACCEPTED",
  answered: "DELIVERY_STATE_ANSWERED",
};
