import type { SendOptions } from "./send-options.ts";
import type { SentReceipt, SentStep } from "./sent-receipt.ts";

/** What was asked of a message. `proof` is how to get one, when that is not --verify. */
type Asked = Pick<SendOptions, "waitFor" | "mustReach" | "waitMs"> & { readonly proof?: string };

/** One line that says what is known of a message, and no more. */
export function sentenceOf(receipt: SentReceipt, options: Asked): string {
  const agent = [receipt.tenant_id, receipt.host, receipt.name].filter((part) => part !== "").join("/");
  const again = receipt.duplicate ? ", sent before and not typed again" : "";
  return `${agent}: ${knownOf(receipt, options)} (message ${receipt.message_id}${again})`;
}

function knownOf(receipt: SentReceipt, options: Asked): string {
  const told = receipt.detail === "" ? "" : `: ${receipt.detail}`;
  switch (receipt.state) {
    case "ACCEPTED":
      return `ACCEPTED${proofOf(receipt)}${options.waitFor === "answered" ? `; not answered within ${seconds(options.waitMs)}` : ""}`;
    case "ANSWERED":
      return `ANSWERED${proofOf(receipt)}`;
    case "ENTERED":
      return options.mustReach
        ? `ENTERED; not confirmed by the agent within ${seconds(options.waitMs)}`
        : `ENTERED; not confirmed by the agent (${options.proof ?? "use --verify"})`;
    case "UNCONFIRMED":
      return `UNCONFIRMED${told}; it may have been taken: do not resend blindly, see mosaic agent tail`;
    case "FAILED":
      return `FAILED${receipt.reason === null ? "" : `(${receipt.reason})`}${told}`;
    case "QUEUED":
    case "DELIVERED":
    case "TYPED":
      return `${receipt.state}; not submitted to the agent yet${told}`;
    default:
      return `${receipt.state}${told}`;
  }
}

/** What the last step rests on, and how long after the first it came, both by the clock of the agent's host. */
function proofOf(receipt: SentReceipt): string {
  const step = receipt.steps.findLast((each) => each.state === receipt.state);
  const evidence = step && step.evidence !== "none" ? ` by ${step.evidence}` : "";
  const tookMs = elapsedMs(receipt.steps[0], step);
  return `${evidence}${tookMs === undefined ? "" : ` after ${tookMs < 10_000 ? `${tookMs} ms` : seconds(tookMs)}`}`;
}

function elapsedMs(first: SentStep | undefined, last: SentStep | undefined): number | undefined {
  if (!first?.at || !last?.at) return undefined;
  const ms = Date.parse(last.at) - Date.parse(first.at);
  return ms >= 0 ? ms : undefined;
}

function seconds(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${Math.round(ms / 1000)} s`;
}
