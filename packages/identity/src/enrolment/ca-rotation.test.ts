import assert from "node:assert/strict";
import { test } from "node:test";
import { AttemptLimits } from "./attempt-limits.ts";
import { type CaState, type MemberTrust, nextStep, takeStep } from "./ca-rotation.ts";

const both: MemberTrust = { name: "both", rootPins: ["old", "new"], signedUnder: "new" };
const late: MemberTrust = { name: "late", rootPins: ["old"], signedUnder: "old" };

function at(phase: CaState["phase"]): CaState {
  return { fleet: "acme", phase, rootPin: "old", ...(phase === "steady" ? {} : { nextRootPin: "new" }) };
}

test("a root is changed in four steps, and only in that order", () => {
  let phase: CaState["phase"] = "steady";
  for (const step of ["add", "trust", "sign", "drop"] as const) {
    assert.equal(nextStep({ phase }), step);
    for (const other of (["add", "trust", "sign", "drop"] as const).filter((each) => each !== step))
      assert.throws(() => takeStep(at(phase), other, []), {
        code: "NOT_ALLOWED",
        hint: `the next step is: mosaic fleet ca rotate ${step}`,
      });
    phase = takeStep(at(phase), step, [both]);
  }
  assert.equal(phase, "steady");
});

test("nobody signs under a root that a member has not confirmed, nor drops the one that a member's certificate leads to", () => {
  assert.throws(() => takeStep(at("added"), "trust", [both, late]), /1 members have not confirmed the next root: late/);
  assert.throws(
    () => takeStep(at("signing"), "drop", [both, late]),
    /1 members still have a certificate under the old root: late/,
  );
  assert.equal(takeStep(at("signing"), "drop", [both, late], ["late"]), "steady");
});

test("five attempts a minute from one address and fifty an hour in all; then it is said when to come back", () => {
  const limits = new AttemptLimits();
  for (let index = 0; index < 5; index += 1) limits.count("1.2.3.4", index);
  assert.throws(
    () => limits.count("1.2.3.4", 10),
    (thrown: Error & { retryAfterMs?: number }) => thrown.retryAfterMs === 59_990,
  );
  limits.count("1.2.3.4", 60_000);
  for (let index = 0; index < 44; index += 1) limits.count(`10.0.0.${index}`, 60_001);
  assert.throws(() => limits.count("10.1.1.1", 60_002), /50 in 60 min/);
  limits.count("10.1.1.1", 3_700_000);
});
