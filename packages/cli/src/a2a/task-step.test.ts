import assert from "node:assert/strict";
import { test } from "node:test";
import { DeliveryState, FailureReason, MosaicError } from "@mosaic/client";
import { refusedStep, taskStep } from "./task-step.ts";

test("a task is submitted until the agent itself took the text, works until its turn ended, and then is complete", () => {
  const way = (["QUEUED", "DELIVERED", "TYPED", "ENTERED", "UNCONFIRMED", "ACCEPTED", "ANSWERED"] as const).map(
    (state) => taskStep({ state: DeliveryState[state], reason: FailureReason.UNSPECIFIED, detail: "", held: "" }).state,
  );
  assert.deepEqual(way, ["SUBMITTED", "SUBMITTED", "SUBMITTED", "SUBMITTED", "SUBMITTED", "WORKING", "COMPLETED"]);
});

test("what somebody gave up is canceled, what was not taken is rejected, and the rest failed", () => {
  const failed = (reason: FailureReason) => taskStep({ state: DeliveryState.FAILED, reason, detail: "why", held: "" });
  assert.deepEqual(failed(FailureReason.CANCELLED), { state: "CANCELED", text: "why" });
  assert.deepEqual(failed(FailureReason.DENIED), { state: "REJECTED", text: "why" });
  assert.deepEqual(failed(FailureReason.TURN_FAILED), { state: "FAILED", text: "why" });
  assert.equal(taskStep({ state: DeliveryState.EXPIRED, reason: 0, detail: "", held: "" }).state, "FAILED");
  assert.deepEqual(refusedStep(new MosaicError("AGENT_NOT_FOUND", 'no agent "x"')), {
    state: "REJECTED",
    text: 'AGENT_NOT_FOUND: no agent "x"',
  });
  assert.equal(refusedStep(new MosaicError("HOST_UNREACHABLE", "gone")).state, "FAILED");
});
