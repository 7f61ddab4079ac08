import { formatAddress, MosaicError } from "@mosaic/core/light";
import type { DecideRequestJson, DecideResponseJson, SendRequestJson, SendResponseJson } from "@mosaic/wire";
import type { CommandDeps } from "../command.ts";
import { SLACK_MS, WAIT_NAMES, withWayOn } from "../commands/agent/send.ts";
import { sentenceOf } from "../commands/agent/send-sentence.ts";
import { toSentReceipt } from "../commands/agent/sent-receipt.ts";
import type { PsItem } from "../fleet/ps-item.ts";
import { askFirst, type Place } from "../remote/endpoints.ts";
import type { Effect } from "./press-key.ts";

/** Where and as whom the dashboard acts. */
export interface Hands {
  readonly places: readonly Place[];
  readonly deps: CommandDeps;
  /** Stands in receipts and on record. */
  readonly sourceLabel: string;
  readonly newMessageId: () => string;
}

/** How long a message is followed before its receipt is shown as it is, in ms. */
const WAIT_MS = 15_000;
const DECIDE_TIMEOUT_MS = 10_000;

/** Sends or answers, and tells in a sentence what is known of it then. Never throws. */
export async function doEffect(effect: Effect & { kind: "send" | "decide" }, hands: Hands): Promise<string> {
  try {
    return effect.kind === "send" ? await send(effect.item, effect.text, hands) : await decide(effect, hands);
  } catch (thrown) {
    const { message, hint } = MosaicError.from(thrown);
    return hint ? `${message}; ${hint}` : message;
  }
}

async function send(item: PsItem, text: string, { places, deps, sourceLabel, newMessageId }: Hands): Promise<string> {
  const messageId = newMessageId();
  const asked = { waitFor: "accepted", waitMs: WAIT_MS, mustReach: true } as const;
  const request: SendRequestJson = {
    ...{ agent: addressOf(item), messageId, text, sourceLabel },
    ...{ waitFor: WAIT_NAMES[asked.waitFor], waitMs: asked.waitMs },
  };
  const reply = await askFirst(places, (place) =>
    deps.remote.unary<SendResponseJson>(place.endpoint, "Send", request, WAIT_MS + SLACK_MS),
  ).catch((thrown: unknown) => {
    throw withWayOn(MosaicError.from(thrown), { messageId });
  });
  if (reply.receipt) return sentenceOf(toSentReceipt(reply.receipt), asked);
  return `the server took the message and gave no receipt: mosaic message show ${messageId}`;
}

async function decide(effect: Effect & { kind: "decide" }, { places, deps, sourceLabel }: Hands): Promise<string> {
  const { item, requestId, decision } = effect;
  const request: DecideRequestJson = {
    ...{ agent: addressOf(item), requestId, sourceLabel, comment: "" },
    decision: decision === "allow" ? "DECISION_ALLOW" : "DECISION_DENY",
  };
  const reply = await askFirst(places, (place) =>
    deps.remote.unary<DecideResponseJson>(place.endpoint, "Decide", request, DECIDE_TIMEOUT_MS),
  );
  const done = `${formatAddress(addressOf(item))}: ${decision === "allow" ? "allowed" : "denied"}`;
  return reply.confirmed ? `${done}; the agent took the answer` : `${done}; handed over, and nothing was heard of the agent yet`;
}

function addressOf({ tenant_id: tenantId, host, name }: PsItem) {
  return { tenantId, host, name };
}
