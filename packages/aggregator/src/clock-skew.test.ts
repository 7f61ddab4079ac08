import assert from "node:assert/strict";
import { test } from "node:test";
import { clockSkew } from "./clock-skew.ts";

test("a clock that is more than 2 s off is a condition that says by how much and which way", () => {
  const messages = [0, 2000, -2000, 2001, -2600, 90_000, -600_000, 7_200_000].map((skewMs) => clockSkew(skewMs)?.message);
  assert.deepEqual(messages, [
    undefined,
    undefined,
    undefined,
    "its clock is about 2 s ahead of its aggregator's",
    "its clock is about 3 s behind its aggregator's",
    "its clock is about 2 min ahead of its aggregator's",
    "its clock is about 10 min behind its aggregator's",
    "its clock is about 2 h ahead of its aggregator's",
  ]);
  assert.equal(clockSkew(3000)?.type, "CLOCK_SKEW");
});
