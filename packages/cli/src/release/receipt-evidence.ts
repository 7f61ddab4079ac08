import { toSentReceipt } from "../commands/agent/sent-receipt.ts";
import { askMessages, MAX_MESSAGES } from "../messages/ask-messages.ts";
import { placesFor } from "../remote/endpoints.ts";
import type { EvidencePart } from "./evidence-part.ts";

/** How messages ended that came to their end: the part that agents took, and why others failed. */
export const receiptEvidence: EvidencePart = {
  parts: ["receipts"],
  async collect({ globals, deps, timeoutMs }) {
    const { messages } = await askMessages(placesFor("anywhere", globals), { limit: MAX_MESSAGES, timeoutMs }, deps);
    const receipts = messages.flatMap(({ receipt }) => (receipt ? [toSentReceipt(receipt)] : []));
    const taken = receipts.filter(({ state }) => state === "ACCEPTED" || state === "ANSWERED").length;
    const lost = receipts.filter(({ state }) => state === "FAILED" || state === "EXPIRED" || state === "UNCONFIRMED");
    if (taken + lost.length === 0) return "no message has come to its end yet";
    return {
      "receipts.failures": { rule: "no-more", value: [...new Set(lost.map(({ state, reason }) => reason ?? state))] },
      "receipts.taken": { rule: "at-least", tolerance: 0.1, value: Number((taken / (taken + lost.length)).toFixed(3)) },
    };
  },
};
