import type { ReceiptJson, ReceiptStepJson } from "@mosaic/wire";

/** When the messages of these tests were sent, in ms of every clock. */
export const SENT_MS = 1_763_716_800_000;

/** A message of 9 bytes from desk to team-a/alpha/lead, in the given state. */
export function receiptJson(state: NonNullable<ReceiptJson["state"]>, more: Partial<ReceiptJson> = {}): ReceiptJson {
  return {
    messageId: "m-1",
    agent: { tenantId: "team-a", host: "alpha", name: "lead" },
    hostId: "id-alpha",
    state,
    textSha256: "ab",
    attempt: 1,
    sourceLabel: "desk:operator",
    textBytes: 9,
    createdAtUnixMs: String(SENT_MS),
    expiresAtUnixMs: String(SENT_MS + 86_400_000),
    ...more,
  };
}

/** One step, that many ms after the message was sent. */
export function stepJson(
  state: NonNullable<ReceiptStepJson["state"]>,
  afterMs: number,
  more: Partial<ReceiptStepJson> = {},
): ReceiptStepJson {
  return { state, atUnixMs: String(SENT_MS + afterMs), ...more };
}

/** The steps of a message that an agent took by its hook after 62 ms. */
export const ACCEPTED_STEPS: readonly ReceiptStepJson[] = [
  stepJson("DELIVERY_STATE_QUEUED", 0),
  stepJson("DELIVERY_STATE_DELIVERED", 4),
  stepJson("DELIVERY_STATE_TYPED", 10),
  stepJson("DELIVERY_STATE_ENTERED", 262),
  stepJson("DELIVERY_STATE_ACCEPTED", 324, { evidence: "EVIDENCE_HOOK", detail: "prompt taken" }),
];
