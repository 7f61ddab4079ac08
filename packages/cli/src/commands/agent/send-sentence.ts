import { formatAddress } from "@mosaic/core/light";
import { utcText } from "../../output/utc-text.ts";
import type { SendOptions } from "./send-options.ts";
import { type SentReceipt, type SentStep, wasTaken } from "./sent-receipt.ts";

/** What was asked of a message. `proof` is how to get one, when that is not --verify. */
export type Asked = Pick<SendOptions, "waitFor" | "mustReach" | "waitMs"> & { readonly proof?: string };

/** One line that says what is known of a message, and no more. */
export function sentenceOf(receipt: SentReceipt, options: Asked): string {
  const again = receipt.duplicate ? ", sent before and not typed again" : "";
  return `${agentOf(receipt)}: ${knownOf(receipt, options)} (message ${receipt.message_id}${again}${redactedIn(receipt)})`;
}

/** What becomes of a message that is not at the end of its way, and what can be done about it; empty when there is nothing to
 *  say. What may have been taken is never offered to be sent again. */
export function wayOnOf(receipt: SentReceipt, options: Pick<SendOptions, "waitFor">): string {
  const id = receipt.message_id;
  switch (receipt.state) {
    case "QUEUED":
    case "DELIVERED":
    case "TYPED": {
      if (options.waitFor === receipt.state.toLowerCase()) return "";
      const until = receipt.expires_at === null ? "it is tried on" : `it is tried until ${utcText(receipt.expires_at)}`;
      const giveUp = receipt.state === "TYPED" ? "" : `; to give it up: mosaic message cancel ${id}`;
      return `${until}; to follow it: mosaic message watch ${id}${giveUp}`;
    }
    case "UNCONFIRMED":
      return `word of it may still come: mosaic message watch ${id}`;
    case "EXPIRED":
    case "FAILED":
      return wayOnFromEnd(receipt);
    default:
      return "";
  }
}

/** The address of a receipt's agent. */
export function agentOf(receipt: Pick<SentReceipt, "tenant_id" | "host" | "name">): string {
  return formatAddress({ tenantId: receipt.tenant_id, host: receipt.host, name: receipt.name });
}

/** What the last step rests on, and how long after the text was typed it came, by the clock of the agent's host. */
export function proofOf(receipt: SentReceipt, state = receipt.state): string {
  const step = receipt.steps.findLast((each) => each.state === state);
  const evidence = step && step.evidence !== "none" ? ` by ${step.evidence}` : "";
  // What was before that stood in queues, for as long as it took, and by other clocks.
  const typed = receipt.steps.findLast((each) => each.state === "TYPED") ?? receipt.steps[0];
  const tookMs = step === typed ? undefined : elapsedMs(typed, step);
  return `${evidence}${tookMs === undefined ? "" : ` after ${tookMs < 10_000 ? `${tookMs} ms` : seconds(tookMs)}`}`;
}

/** Ms between two steps; undefined when one has no time, or when their clocks can't be compared. */
export function elapsedMs(first: SentStep | undefined, last: SentStep | undefined): number | undefined {
  if (!first?.at || !last?.at) return undefined;
  const ms = Date.parse(last.at) - Date.parse(first.at);
  return ms >= 0 ? ms : undefined;
}

// Who sends has to know that the agent reads another text than was written.
function redactedIn({ guard }: SentReceipt): string {
  return guard?.mode === "redacted" ? `, its text was redacted by ${guard.rules.join(", ")}` : "";
}

function knownOf(receipt: SentReceipt, options: Asked): string {
  const told = receipt.detail === "" ? "" : `: ${receipt.detail}`;
  switch (receipt.state) {
    case "ACCEPTED":
      return `ACCEPTED${proofOf(receipt)}${options.waitFor === "answered" ? `; not answered within ${seconds(options.waitMs)}` : ""}`;
    case "ANSWERED":
      return `ANSWERED${proofOf(receipt)}`;
    case "ENTERED":
      return isProofAsked(options)
        ? `ENTERED; not confirmed by the agent within ${seconds(options.waitMs)}`
        : `ENTERED; not confirmed by the agent (${options.proof ?? "use --verify"})`;
    case "UNCONFIRMED":
      return `UNCONFIRMED${told}; it may have been taken: do not resend blindly, see mosaic agent tail`;
    case "FAILED":
      return failureOf(receipt, told);
    case "EXPIRED":
      return `EXPIRED${told || "; nobody took it in time"}`;
    case "QUEUED":
    case "DELIVERED":
    case "TYPED":
      if (receipt.held !== "") return `${receipt.state}; held: ${receipt.held}`;
      return `${receipt.state}; not submitted to the agent yet${told}`;
    default:
      return `${receipt.state}${told}`;
  }
}

function failureOf(receipt: SentReceipt, told: string): string {
  const failed = `FAILED${receipt.reason === null ? "" : `(${receipt.reason})`}${told}`;
  if (wasTaken(receipt)) return `${failed}; the agent had taken it${proofOf(receipt, "ACCEPTED")}`;
  const isOpen = receipt.reason === "INDETERMINATE";
  return isOpen ? `${failed}; it may have been taken: do not resend blindly, see mosaic agent tail` : failed;
}

function wayOnFromEnd(receipt: SentReceipt): string {
  const again = `mosaic message retry ${receipt.message_id}`;
  if (receipt.reason === "INDETERMINATE") return `once you know that it was not taken: ${again} --may-duplicate`;
  // Only a message that no key was pressed for can be sent again without a second thought.
  const isUntouched = receipt.steps.every((step) => step.state === "QUEUED" || step.state === "DELIVERED" || isEnd(step));
  return isUntouched && RETRIABLE.has(receipt.reason ?? "EXPIRED") ? `it was never typed; to send it again: ${again}` : "";
}

function isEnd(step: SentStep): boolean {
  return step.state === "FAILED" || step.state === "EXPIRED";
}

function isProofAsked({ waitFor }: Asked): boolean {
  return waitFor === "accepted" || waitFor === "answered";
}

function seconds(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${Math.round(ms / 1000)} s`;
}

/** Ends for reasons that may be over by the next attempt. */
const RETRIABLE: ReadonlySet<string> = new Set(["EXPIRED", "AGENT_EXITED", "DRAFT", "NOT_READY", "TERMINAL_ERROR"]);
