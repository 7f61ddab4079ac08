import assert from "node:assert/strict";
import { test } from "node:test";
import { anAgent, pick, seededRandom } from "@mosaic/testkit";
import { DeliveryState, Evidence, FailureReason, type Receipt } from "@mosaic/wire";
import { hasReached, isFinal, newReceipt, withStep } from "./receipt.ts";

const { UNSPECIFIED, QUEUED, DELIVERED, TYPED, ENTERED, UNCONFIRMED, ACCEPTED, ANSWERED, FAILED, EXPIRED } = DeliveryState;
/** The ladder as the contract tells it, written out again by hand. */
const ladder: readonly DeliveryState[] = [UNSPECIFIED, QUEUED, DELIVERED, TYPED, ENTERED, UNCONFIRMED, ACCEPTED, ANSWERED];
const all: readonly DeliveryState[] = [...ladder, FAILED, EXPIRED];
const fresh = () => newReceipt("m-1", anAgent(), "hash");
const after = (...states: DeliveryState[]) =>
  states.reduce((receipt, state, index) => withStep(receipt, state, { atUnixMs: index }), fresh());

test("a new receipt names the agent in full and has taken no step", () => {
  const receipt = fresh();
  assert.deepEqual(
    [receipt.messageId, receipt.hostId, receipt.textSha256, receipt.steps.length],
    ["m-1", "id-of-team-a-alpha", "hash", 0],
  );
  assert.deepEqual([receipt.agent?.tenantId, receipt.agent?.host, receipt.agent?.name], ["team-a", "alpha", "lead"]);
});

test("each step of the ladder may follow any lower one and none may go back", () => {
  for (const [low, from] of ladder.entries()) {
    for (const [high, to] of ladder.entries()) {
      if (from === UNSPECIFIED || isFinal(from)) continue;
      assert.equal(after(from, to).state, high > low ? to : from, `${from} then ${to}`);
    }
  }
});

test("failure ends a message that was not answered; nothing follows an end", () => {
  for (const from of ladder.slice(0, -1)) assert.equal(after(from, FAILED).state, FAILED);
  for (const end of [ANSWERED, FAILED, EXPIRED]) for (const next of all) assert.equal(after(end, next).state, end);
});

test("what was accepted can no longer expire", () => {
  for (const from of [QUEUED, DELIVERED, TYPED, ENTERED, UNCONFIRMED]) assert.equal(after(from, EXPIRED).state, EXPIRED);
  for (const from of [ACCEPTED, ANSWERED]) assert.equal(after(from, EXPIRED).state, from);
});

test("a receipt never goes back, whatever comes in whatever order, and its steps tell its whole way", () => {
  for (let seed = 1; seed <= 500; seed += 1) {
    const random = seededRandom(seed);
    let receipt = fresh();
    const seen: Receipt[] = [receipt];
    for (let step = 0; step < 12; step += 1) {
      receipt = withStep(receipt, pick(all, random), { atUnixMs: step });
      seen.push(receipt);
    }
    const ranks = seen.map((one) => (one.state === FAILED || one.state === EXPIRED ? ladder.length : ladder.indexOf(one.state)));
    assert.deepEqual(
      ranks,
      [...ranks].sort((a, b) => a - b),
      `seed ${seed}`,
    );
    assert.equal(receipt.steps.at(-1)?.state ?? UNSPECIFIED, receipt.state);
    assert.equal(new Set(receipt.steps.map((step) => step.state)).size, receipt.steps.length);
  }
});

test("where reports meet in another order the furthest one still wins", () => {
  for (let seed = 1; seed <= 500; seed += 1) {
    const random = seededRandom(seed);
    const states = Array.from({ length: 5 }, () => pick(ladder, random));
    const shuffled = states.toSorted(() => random() - 0.5);
    assert.equal(after(...states).state, after(...shuffled).state, `seed ${seed}: ${states}`);
  }
});

test("a step keeps its facts, and the receipt it was made from is left as it was", () => {
  const entered = after(TYPED, ENTERED);
  const accepted = withStep(entered, ACCEPTED, { atUnixMs: 5, evidence: Evidence.HOOK, turnId: "t-1" });
  assert.deepEqual([entered.state, entered.steps.length], [ENTERED, 2]);
  assert.deepEqual([accepted.turnId, accepted.steps[2]?.evidence, accepted.steps[2]?.atUnixMs], ["t-1", Evidence.HOOK, 5n]);
  const failed = withStep(entered, FAILED, { atUnixMs: 6, reason: FailureReason.AGENT_EXITED, detail: "gone" });
  assert.deepEqual([failed.reason, failed.detail], [FailureReason.AGENT_EXITED, "gone"]);
});

test("a message has reached what it passed, and an unconfirmed one was entered but not accepted", () => {
  assert.ok(hasReached(ACCEPTED, ENTERED) && hasReached(ENTERED, ENTERED) && !hasReached(TYPED, ENTERED));
  assert.ok(hasReached(UNCONFIRMED, ENTERED) && hasReached(UNCONFIRMED, TYPED));
  assert.ok(!hasReached(UNCONFIRMED, ACCEPTED) && !hasReached(UNSPECIFIED, TYPED));
});

test("only answered, failed and expired are final: an unconfirmed message may still be accepted", () => {
  assert.deepEqual(all.filter(isFinal), [ANSWERED, FAILED, EXPIRED]);
  assert.equal(after(ENTERED, UNCONFIRMED, ACCEPTED).state, ACCEPTED);
});
