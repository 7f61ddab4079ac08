import type { ReceiptJson, ReceiptStepJson } from "@mosaic/wire";
import { agentWord, meshWord } from "../../fleet/enum-text.ts";
import type { SendOptions } from "./send-options.ts";

/** A receipt in `agent send --json` and in the answers of `mosaic message …`. */
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
  /** How often its text was put before the agent, or is to be. 0: not told. */
  readonly attempt: number;
  /** Why it is not typed yet; empty: nothing holds it. */
  readonly held: string;
  readonly source_label: string;
  /** Length of the text in bytes of UTF-8. 0: not told. */
  readonly text_bytes: number;
  /** ISO 8601, by the clock of the server that took it first. Null: not told. */
  readonly created_at: string | null;
  /** Until when it is tried, by the same clock. Null: not told. */
  readonly expires_at: string | null;
  /** What guardrails did with the text on its way: `observed` or `redacted`, and by which rules. Null: no rule found anything. */
  readonly guard: { readonly mode: string; readonly rules: readonly string[] } | null;
}

export interface SentStep {
  readonly state: string;
  /** ISO 8601, by the clock of the agent's host; QUEUED by that of the server that took it first. Null: not known. */
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
    attempt: receipt.attempt ?? 0,
    held: receipt.held ?? "",
    source_label: receipt.sourceLabel ?? "",
    text_bytes: receipt.textBytes ?? 0,
    created_at: instantText(receipt.createdAtUnixMs),
    expires_at: instantText(receipt.expiresAtUnixMs),
    guard: receipt.guard ? { mode: agentWord(receipt.guard.mode, "GUARD_MODE_"), rules: receipt.guard.rules ?? [] } : null,
  };
}

/** 0 when the message came as far as was asked; 1 for a plain failure; 6 when arrival had to be proved and was not, when it is
 *  still on its way, or when nobody can tell. */
export function exitCodeOfReceipt(
  receipt: Pick<SentReceipt, "state" | "reason">,
  { waitFor, mustReach }: Pick<SendOptions, "waitFor" | "mustReach">,
): 0 | 1 | 6 {
  if (rankOf(furthestOf(receipt)) >= rankOf(waitFor.toUpperCase())) return 0;
  return receipt.state === "FAILED" && !mustReach ? 1 : 6;
}

/** True for a message that failed after the agent had taken it: its delivery is proved, its turn came to nothing. */
export function wasTaken({ state, reason }: Pick<SentReceipt, "state" | "reason">): boolean {
  return state === "FAILED" && (reason === "INTERRUPTED" || reason === "TURN_FAILED");
}

/** True when nothing more can happen to the message. */
export function isAtEnd({ state }: Pick<SentReceipt, "state">): boolean {
  return state === "ANSWERED" || state === "FAILED" || state === "EXPIRED";
}

/** How far a message is proved to have come, as a state of the way. Whether the submitting key did anything is just what an
 *  UNCONFIRMED one leaves open. */
function furthestOf(receipt: Pick<SentReceipt, "state" | "reason">): string {
  if (receipt.state === "UNCONFIRMED") return "TYPED";
  return wasTaken(receipt) ? "ACCEPTED" : receipt.state;
}

/** Position on the way; -1 for what is not on it. */
function rankOf(state: string): number {
  return WAY.indexOf(state);
}

function toSentStep(step: ReceiptStepJson): SentStep {
  return {
    state: meshWord(step.state, "DELIVERY_STATE_"),
    at: instantText(step.atUnixMs),
    evidence: agentWord(step.evidence, "EVIDENCE_", "none"),
    detail: step.detail ?? "",
  };
}

function instantText(unixMs: string | undefined): string | null {
  const ms = Number(unixMs ?? 0);
  return ms > 0 && ms < MAX_DATE_MS ? new Date(ms).toISOString() : null;
}

const WAY = ["QUEUED", "DELIVERED", "TYPED", "ENTERED", "ACCEPTED", "ANSWERED"];
/** The last instant a Date can hold. */
const MAX_DATE_MS = 8.64e15;
