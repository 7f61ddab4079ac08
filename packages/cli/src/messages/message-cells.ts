import type { SentReceipt } from "../commands/agent/sent-receipt.ts";
import { plainText } from "../output/plain-text.ts";
import type { Tone } from "../output/style.ts";

/** A state with its reason, as one word: `FAILED(DRAFT)`. */
export function stateText({ state, reason }: Pick<SentReceipt, "state" | "reason">): string {
  return plainText(reason === null ? state : `${state}(${reason})`);
}

/** How a state looks. */
export function stateTone(receipt: Pick<SentReceipt, "state" | "held">): { tone?: Tone } {
  const tone = receipt.held === "" ? TONES[receipt.state] : "attention";
  return tone ? { tone } : {};
}

/** What the furthest state rests on; `-` for what Mosaic did itself. */
export function evidenceText({ state, steps }: Pick<SentReceipt, "state" | "steps">): string {
  const evidence = steps.findLast((step) => step.state === state)?.evidence ?? "none";
  return evidence === "none" ? "-" : plainText(evidence);
}

const TONES: Readonly<Record<string, Tone>> = {
  ACCEPTED: "good",
  ANSWERED: "good",
  UNCONFIRMED: "attention",
  FAILED: "bad",
  EXPIRED: "bad",
};
