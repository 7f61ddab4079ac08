import assert from "node:assert/strict";
import { test } from "node:test";
import { aReading } from "@mosaic/testkit";
import { Evidence } from "@mosaic/wire";
import { BelievedReadings } from "./believed-readings.ts";

test("of which nothing new was heard the reading is the same object as before", () => {
  const believed = new BelievedReadings();
  const reported = new Map([["lead", aReading({ processPid: 42 })]]);
  const file = aReading({ atUnixMs: 5000, evidence: Evidence.SIDECAR });
  const first = believed.of(reported, new Map([["lead", file]])).get("lead");
  assert.equal(first?.atUnixMs, Math.max(5000, aReading().atUnixMs));
  assert.equal(believed.of(reported, new Map([["lead", file]])).get("lead"), first);
  const later = { ...file, atUnixMs: file.atUnixMs + 1e9 };
  const next = believed.of(reported, new Map([["lead", later]])).get("lead");
  assert.notEqual(next, first);
  assert.deepEqual([next?.evidence, next?.atUnixMs], [Evidence.HOOK, later.atUnixMs]);
});

test("agents that report nothing have what their files say", () => {
  const files = new Map([["coder0", aReading({ evidence: Evidence.FILE })]]);
  assert.equal(new BelievedReadings().of(new Map(), files), files);
  const both = new BelievedReadings().of(new Map([["lead", aReading()]]), files);
  assert.deepEqual([...both.keys()].sort(), ["coder0", "lead"]);
});
