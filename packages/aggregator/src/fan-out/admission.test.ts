import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { Admission } from "./admission.ts";

test("the seventeenth question about a tenant is told to come back, and other tenants are asked about meanwhile", () => {
  const admission = new Admission();
  const places = Array.from({ length: 16 }, () => admission.enter("team-a"));
  const isRefusal = (thrown: unknown) =>
    thrown instanceof MosaicError &&
    thrown.code === "BUSY" &&
    thrown.retryAfterMs === 1000 &&
    /16 .* tenant team-a/.test(thrown.message);
  assert.throws(() => admission.enter("team-a"), isRefusal);
  admission.enter("team-b")[Symbol.dispose]();
  admission.enter("")[Symbol.dispose]();
  places[0]?.[Symbol.dispose]();
  admission.enter("team-a");
  assert.throws(() => admission.enter("team-a"), isRefusal);
});
