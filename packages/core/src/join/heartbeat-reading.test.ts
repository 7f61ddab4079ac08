import assert from "node:assert/strict";
import { test } from "node:test";
import { aReading } from "@mosaic/testkit";
import { Evidence } from "@mosaic/wire";
import { believe } from "./heartbeat-reading.ts";

test("of two readings the newer is believed, whatever its evidence", () => {
  const hook = aReading({ atUnixMs: 10_000 });
  const file = aReading({ atUnixMs: 11_001, evidence: Evidence.FILE });
  assert.equal(believe(hook, file), file);
  assert.equal(believe(file, hook), file);
});

test("of two readings of the same moment the stronger evidence is believed", () => {
  const order = [Evidence.HOOK, Evidence.FILE, Evidence.SIDECAR, Evidence.SCREEN, Evidence.UNSPECIFIED];
  for (const [index, evidence] of order.entries()) {
    for (const weaker of order.slice(index + 1)) {
      const strong = aReading({ atUnixMs: 10_000, evidence });
      const weak = aReading({ atUnixMs: 11_000, evidence: weaker });
      assert.equal(believe(strong, weak), strong, `${evidence} against ${weaker}`);
      assert.equal(believe(weak, strong), strong, `${evidence} against ${weaker}`);
    }
  }
});

test("a single reading is believed, and none is none", () => {
  const only = aReading();
  assert.equal(believe(only, undefined), only);
  assert.equal(believe(undefined, only), only);
  assert.equal(believe(undefined, undefined), undefined);
});
