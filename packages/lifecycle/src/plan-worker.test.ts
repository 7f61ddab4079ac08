import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError, type RosterAgent } from "@mosaic/core";
import { aRoster } from "@mosaic/testkit";
import { planWorker } from "./plan-worker.ts";

const roster = aRoster([
  "lead",
  { name: "coder", agentClass: "implementer" },
  { name: "spare", agentClass: "implementer", lifecycle: "ephemeral" },
]);
const plan = (wanted: string, lane = "l1", taken: readonly string[] = []) => planWorker(roster, wanted, lane, new Set(taken));
const told = ({ name, lifecycle, lane }: RosterAgent) => [name, lifecycle, lane];

test("a free ephemeral entry becomes the worker itself", () => {
  assert.deepEqual(told(plan("spare")), ["spare", "ephemeral", "l1"]);
  assert.deepEqual(told(plan("implementer")), ["spare", "ephemeral", "l1"]);
});

test("while the entry is in use the worker has a name of its own, and the next one a number", () => {
  assert.equal(plan("spare", "l1", ["spare"]).name, "spare.l1");
  assert.equal(plan("spare", "l1", ["spare", "spare.l1"]).name, "spare.l1.2");
});

test("a core agent is a template and never the worker", () => {
  assert.deepEqual(told(plan("coder")), ["coder.l1", "ephemeral", "l1"]);
});

test("an unknown name is answered with near ones, and a lane that is no part of a name is refused", () => {
  const refusal = (act: () => unknown) => {
    try {
      act();
    } catch (thrown) {
      return MosaicError.from(thrown);
    }
    return assert.fail("it was taken");
  };
  assert.match(refusal(() => plan("implementr")).hint ?? "", /implementer/);
  assert.equal(refusal(() => plan("nobody")).code, "AGENT_NOT_FOUND");
  for (const lane of ["", "a/b", "a b", "x".repeat(65)]) assert.equal(refusal(() => plan("coder", lane)).code, "USAGE", lane);
});
