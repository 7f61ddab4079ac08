import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Baseline, type BaselineCheck, baselineText, type Found, parseBaseline, renewedBaseline } from "./baseline.ts";
import { compare } from "./compare.ts";
import { judgeCheck } from "./judge-check.ts";

const outcomeOf = (golden: BaselineCheck, now: Found) => judgeCheck(golden, now).outcome;

describe("a line of a baseline", () => {
  test("that keeps names is worse by one that is gone, and better by one more", () => {
    const rpcs: BaselineCheck = { rule: "keeps", value: ["Info", "List"] };
    assert.deepEqual(judgeCheck(rpcs, ["Info"]), { outcome: "worse", detail: "gone: List" });
    assert.deepEqual(judgeCheck(rpcs, ["List", "Watch", "Info"]), { outcome: "better", detail: "more: Watch" });
    assert.equal(outcomeOf({ ...rpcs, tolerance: 1 }, ["Info"]), "same");
  });

  test("that names troubles is worse by one more, and better by one fewer, but not by another in its place", () => {
    const doctor: BaselineCheck = { rule: "no-more", value: ["disk"] };
    assert.deepEqual(judgeCheck(doctor, ["disk", "tmux"]), { outcome: "worse", detail: "come: tmux" });
    assert.equal(outcomeOf(doctor, []), "better");
    assert.equal(outcomeOf(doctor, ["tmux"]), "worse");
  });

  test("that is a number is judged by a part of itself, upwards or downwards", () => {
    const size: BaselineCheck = { rule: "at-most", value: 1000, tolerance: 0.1 };
    assert.deepEqual(judgeCheck(size, 1300), { outcome: "worse", detail: "1000 became 1300 (+30 %)" });
    assert.deepEqual([outcomeOf(size, 1090), outcomeOf(size, 800)], ["same", "better"]);
    const rate: BaselineCheck = { rule: "at-least", value: 0.9, tolerance: 0.1 };
    assert.deepEqual(judgeCheck(rate, 0.5), { outcome: "worse", detail: "0.9 became 0.5 (-44 %)" });
    assert.deepEqual([outcomeOf(rate, 0.85), outcomeOf(rate, 1)], ["same", "better"]);
  });

  test("that is ranked is worse further back, and by a word that nobody ranked", () => {
    const health: BaselineCheck = { rule: "ranked", best_first: ["healthy", "partial", "silent"], value: "partial" };
    assert.deepEqual(
      ["healthy", "partial", "silent", "confused"].map((word) => outcomeOf(health, word)),
      ["better", "same", "worse", "worse"],
    );
  });

  test("of another kind than it was is worse", () => {
    assert.equal(outcomeOf({ rule: "keeps", value: ["a"] }, 3), "worse");
    assert.equal(outcomeOf({ rule: "same", value: 1 }, "1"), "worse");
    assert.equal(outcomeOf({ rule: "known", value: "1.0.0" }, "1.0.1"), "same");
  });
});

describe("a comparison", () => {
  const golden: Baseline = {
    "doctor.failing": { rule: "no-more", value: [] },
    "host:team-a/alpha": { rule: "same", value: "LIVE" },
    "host:team-a/beta": { rule: "same", value: "LIVE" },
  };
  const now = {
    checks: { "host:team-a/beta": golden["host:team-a/beta"], "rpc.methods": { rule: "keeps", value: [] } } as Baseline,
  };
  const lines = (allowed: string[]) =>
    compare(golden, { ...now, unknown: { doctor: "no such folder" }, none: {} }, allowed, ({ check }) => `look at ${check}`).map(
      ({ check, outcome, fails, next }) => [check, outcome, fails, next],
    );

  test("names what is missing, what could not be looked at, and what is new, and only the last passes", () => {
    assert.deepEqual(lines([]), [
      ["doctor.failing", "unknown", true, "look at doctor.failing"],
      ["host:team-a/alpha", "missing", true, "look at host:team-a/alpha"],
      ["host:team-a/beta", "same", false, ""],
      ["rpc.methods", "new", false, ""],
    ]);
  });

  test("lets pass what may be unknown, by its name or that of its part", () => {
    for (const allowed of ["doctor", "doctor.failing"])
      assert.deepEqual(lines([allowed])[0], ["doctor.failing", "unknown", false, ""]);
  });

  test("does not pass over a part that neither side knows", () => {
    const [line] = compare(
      {},
      { checks: {}, unknown: { receipts: "not allowed" }, none: { units: "not installed" } },
      [],
      () => "",
    );
    assert.deepEqual([line?.check, line?.outcome, line?.fails], ["receipts", "unknown", true]);
  });
});

describe("a baseline file", () => {
  test("is the same text whatever the order, and is read as it was written", () => {
    const [one, other]: Baseline[] = [
      { b: { rule: "keeps", value: ["y", "x"] }, a: { value: 1, tolerance: 0.5, rule: "at-most" } },
      { a: { rule: "at-most", tolerance: 0.5, value: 1 }, b: { rule: "keeps", value: ["x", "y"] } },
    ];
    assert.equal(baselineText(one ?? {}), baselineText(other ?? {}));
    assert.equal(baselineText(parseBaseline(baselineText(one ?? {}), "x.json")), baselineText(one ?? {}));
  });

  test("written anew keeps what was edited by hand", () => {
    const before: Baseline = { a: { rule: "known", value: 1, tolerance: 9 } };
    const renewed = renewedBaseline({ a: { rule: "at-most", value: 2, tolerance: 0.1 }, b: { rule: "same", value: 1 } }, before);
    assert.deepEqual(renewed, { a: { rule: "known", value: 2, tolerance: 9 }, b: { rule: "same", value: 1 } });
  });

  test("that can't be used says where and why", () => {
    const refusal = (check: unknown, pattern: RegExp) =>
      assert.throws(
        () => parseBaseline(JSON.stringify({ schema: "mosaic.release.baseline/1", checks: { "a.b": check } }), "x.json"),
        { code: "USAGE", message: pattern },
      );
    refusal({ value: 1, rule: "smaller" }, /cannot use the baseline x\.json: check a\.b has the rule "smaller"/);
    refusal({ value: 1, rule: "keeps" }, /check a\.b: its value does not fit the rule keeps/);
    refusal({ value: 1, rule: "at-most", tolerance: "10%" }, /its tolerance is "10%"/);
    refusal({ value: "x", rule: "ranked", best_first: ["y"] }, /not among its best_first/);
    refusal({ value: 1, rule: "same", tolerence: 1 }, /check a\.b has "tolerence"/);
    assert.throws(() => parseBaseline("{", "x.json"), { code: "USAGE", message: /cannot use the baseline x\.json/ });
    assert.throws(() => parseBaseline("{}", "x.json"), { code: "USAGE", hint: /--write/ });
  });
});
