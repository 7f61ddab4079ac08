import type { ReceiptJson, ReceiptStepJson } from "@mosaic/wire";
import { agentWord, meshWord } from "../../fleet/enum-text.ts";
import type { SendOptions } from "./send-options.ts";

/** A receipt in `agent send --json`. */
export interface SentReceipt {
  readonly message_id: string;
  readonly tenant_id: string;
  readonly host: string;
  readonly host_id: string;
  readonly name: string;
  /** The furthest state, in capitals. */
  readonly state: string;
  /** Why it failed, in capitals. Null: it did not. */
  readonly reason: string | null;
  readonly detail: string;
  readonly steps: readonly SentStep[];
  readonly text_sha256: string;
  readonly turn_id: string;
  readonly duplicate: boolean;
}

export interface SentStep {
  readonly state: string;
  /** ISO 8601, by the clock of the agent's host. Null: not known. */
  readonly at: string | null;
  readonly evidence: string;
  readonly detail: string;
}

/** Puts a receipt into the form of the answer. */
export function toSentReceipt(receipt: ReceiptJson): SentReceipt {
  return {
    message_id: receipt.messageId ?? "",
    tenant_id: receipt.agent?.tenantId ?? "",
    host: receipt.agent?.host ?? "",
    host_id: receipt.hostId ?? "",
    name: receipt.agent?.name ?? "",
    state: meshWord(receipt.state, "DELIVERY_STATE_"),
    reason: receipt.reason === undefined ? null : meshWord(receipt.reason, "FAILURE_REASON_"),
    detail: receipt.detail ?? "",
    steps: (receipt.steps ?? []).map(toSentStep),
    text_sha256: receipt.textSha256 ?? "",
    turn_id: receipt.turnId ?? "",
    duplicate: receipt.duplicate ?? false,
  };
}

/** 0 when the message came as far as was asked; 1 for a plain failure; 6 when arrival had to be proved and was not, or
 *  nobody can tell. */
export function exitCodeOfReceipt(
  receipt: SentReceipt,
  { waitFor, mustReach }: Pick<SendOptions, "waitFor" | "mustReach">,
): 0 | 1 | 6 {
  if (receipt.state === "UNCONFIRMED") return 6;
  if (mustReach) return rankOf(receipt.state) >= rankOf(waitFor.toUpperCase()) ? 0 : 6;
  return receipt.state === "FAILED" || receipt.state === "EXPIRED" ? 1 : 0;
}

/** Position on the way; -1 for what is not on it. */
function rankOf(state: string): number {
  return WAY.indexOf(state);
}

function toSentStep(step: ReceiptStepJson): SentStep {
  const atUnixMs = Number(step.atUnixMs ?? 0);
  return {
    state: meshWord(step.state, "DELIVERY_STATE_"),
    at: atUnixMs > 0 && atUnixMs < MAX_DATE_MS ? new Date(atUnixMs).toISOString() : null,
    evidence: agentWord(step.evidence, "EVIDENCE_", "none"),
    detail: step.detail ?? "",
  };
}

const WAY = ["QUEUED", "DELIVERED", "TYPED", "ENTERED", "ACCEPTED", "ANSWERED"];
/** The last instant a Date can hold. */
const MAX_DATE_MS = 8.64e15;
