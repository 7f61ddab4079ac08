import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import {
  DeliveryState,
  Evidence,
  FailureReason,
  GuardDecisionSchema,
  GuardMode,
  type Receipt,
  ReceiptSchema,
} from "@mosaic/wire";
import { mergeReceipts } from "./merge-receipts.ts";
import { withStep } from "./receipt.ts";

const { QUEUED, DELIVERED, ENTERED, ACCEPTED, ANSWERED, EXPIRED, FAILED } = DeliveryState;
const at = (atUnixMs: number) => ({ atUnixMs });
const queued = withStep(create(ReceiptSchema, { messageId: "m", createdAtUnixMs: 1n }), QUEUED, at(1));

function walked(...states: DeliveryState[]): Receipt {
  const start = create(ReceiptSchema, { messageId: "m" });
  return states.reduce((receipt, state, index) => withStep(receipt, state, at(100 + index)), start);
}

test("the furthest state is told, with every step that either copy knows", () => {
  const merged = mergeReceipts(queued, walked(DELIVERED, ENTERED));
  assert.deepEqual([merged.state, merged.createdAtUnixMs], [ENTERED, 1n]);
  assert.deepEqual(
    merged.steps.map((step) => step.state),
    [QUEUED, DELIVERED, ENTERED],
  );
});

test("a copy that comes late or twice changes nothing", () => {
  const target = walked(DELIVERED, ENTERED, ACCEPTED);
  const merged = mergeReceipts(queued, target);
  assert.deepEqual(mergeReceipts(merged, target), merged);
  assert.deepEqual(mergeReceipts(merged, walked(DELIVERED)), merged);
});

test("where two ends disagree the agent's host is believed", () => {
  const given = withStep(queued, EXPIRED, at(5));
  assert.equal(mergeReceipts(given, walked(DELIVERED, ENTERED, ACCEPTED, ANSWERED)).state, ANSWERED);
  const failed = withStep(walked(DELIVERED), FAILED, { atUnixMs: 7, reason: FailureReason.AGENT_EXITED });
  assert.deepEqual(mergeReceipts(given, failed).reason, FailureReason.AGENT_EXITED);
});

test("a later attempt counts, however far the earlier one came", () => {
  const failed = { ...withStep(walked(DELIVERED), FAILED, at(9)), attempt: 1 };
  const again = { ...walked(DELIVERED), attempt: 2 };
  assert.equal(mergeReceipts(failed, again).state, DELIVERED);
  assert.equal(mergeReceipts(again, failed).state, DELIVERED);
});

test("evidence of its own makes a step its own", () => {
  const byHook = withStep(queued, ACCEPTED, { atUnixMs: 3, evidence: Evidence.HOOK });
  const byTranscript = withStep(queued, ACCEPTED, { atUnixMs: 3, evidence: Evidence.TRANSCRIPT });
  assert.equal(mergeReceipts(byHook, byTranscript).steps.length, 3);
});

test("what guardrails did on either side is told, whichever copy comes late", () => {
  const guarded = (receipt: Receipt, mode: GuardMode, ...rules: string[]) =>
    create(ReceiptSchema, { ...receipt, guard: create(GuardDecisionSchema, { mode, rules }) });
  const origin = guarded(queued, GuardMode.REDACTED, "keys");
  assert.deepEqual(mergeReceipts(origin, walked(DELIVERED)).guard?.rules, ["keys"]);
  assert.deepEqual(mergeReceipts(queued, guarded(walked(DELIVERED), GuardMode.OBSERVED, "names")).guard?.rules, ["names"]);
  const both = mergeReceipts(origin, guarded(walked(DELIVERED), GuardMode.OBSERVED, "names", "keys")).guard;
  assert.deepEqual([both?.mode, both?.rules], [GuardMode.REDACTED, ["keys", "names"]]);
});
