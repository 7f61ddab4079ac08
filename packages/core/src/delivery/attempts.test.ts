import assert from "node:assert/strict";
import { test } from "node:test";
import { anAgent } from "@mosaic/testkit";
import { DeliveryState, FailureReason, type Receipt } from "@mosaic/wire";
import { heldBecause, mayHaveBeenTaken, nextAttempt } from "./attempts.ts";
import { mergeReceipts } from "./merge-receipts.ts";
import { newReceipt, withStep } from "./receipt.ts";

const { QUEUED, DELIVERED, TYPED, ENTERED, UNCONFIRMED, ACCEPTED, EXPIRED, FAILED } = DeliveryState;
const after = (...states: DeliveryState[]): Receipt =>
  states.reduce(
    (receipt, state, index) => withStep(receipt, state, { atUnixMs: index, ...(state === FAILED ? { reason: 4 } : {}) }),
    newReceipt("m-1", anAgent(), "hash"),
  );

test("another attempt starts where the message is durable, tells its whole way, and beats every copy of the attempt before", () => {
  const failed = after(QUEUED, DELIVERED, TYPED, ENTERED, FAILED);
  const again = nextAttempt(failed, 9, "once more");
  assert.deepEqual([again.state, again.reason, again.held, again.turnId, again.attempt], [DELIVERED, 0, "", "", 1]);
  assert.deepEqual(again.steps.map((step) => step.state).slice(-2), [FAILED, DELIVERED]);
  assert.equal(mergeReceipts(failed, again).state, DELIVERED);
  assert.equal(withStep(again, TYPED, { atUnixMs: 10 }).state, TYPED);
});

test("what was entered in its last attempt may have been taken; what was only typed was not", () => {
  for (const states of [[ENTERED], [ENTERED, UNCONFIRMED], [ACCEPTED], [ENTERED, EXPIRED], [ENTERED, FAILED]])
    assert.equal(mayHaveBeenTaken(after(QUEUED, DELIVERED, TYPED, ...states)), true, String(states));
  for (const states of [[], [FAILED], [TYPED, FAILED], [EXPIRED]])
    assert.equal(mayHaveBeenTaken(after(QUEUED, DELIVERED, ...states)), false, String(states));
  assert.equal(mayHaveBeenTaken(nextAttempt(after(DELIVERED, ENTERED, FAILED), 9, "")), false);
  const lost = withStep(after(DELIVERED), FAILED, { atUnixMs: 1, reason: FailureReason.INDETERMINATE });
  assert.equal(mayHaveBeenTaken(lost), true);
});

test("a step ends the holding, and the same reason again is the same receipt", () => {
  const held = heldBecause(after(DELIVERED), "a draft");
  assert.equal(heldBecause(held, "a draft"), held);
  assert.equal(held.held, "a draft");
  assert.equal(withStep(held, TYPED, { atUnixMs: 1 }).held, "");
});
