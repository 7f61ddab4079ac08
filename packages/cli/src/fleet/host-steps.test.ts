import assert from "node:assert/strict";
import { test } from "node:test";
import { hostSteps } from "./host-steps.ts";

const beta = { tenant_id: "team-a", host: "beta", address: "https://beta:8787" };

test("a host that does not answer is looked at on itself, and its address is tried from here", () => {
  for (const state of ["UNREACHABLE", "NEVER_SEEN", "STALE"]) {
    assert.deepEqual(hostSteps({ ...beta, state }), {
      there: "mosaic doctor",
      here: ["mosaic gateway probe --endpoint https://beta:8787"],
    });
  }
});

test("what is no address to dial, or more than one, is not put into a command", () => {
  for (const address of ["", "dial-in", "unix:/a b", "https://beta;reboot", "http://$(x):1"])
    assert.deepEqual(hostSteps({ ...beta, address, state: "UNREACHABLE" })?.here, []);
});

test("a live host needs nothing, a drained one is taken back by name", () => {
  assert.equal(hostSteps({ ...beta, state: "LIVE" }), undefined);
  assert.deepEqual(hostSteps({ ...beta, state: "DRAINING" })?.here, ["mosaic host undrain team-a/beta"]);
  assert.deepEqual(hostSteps({ ...beta, tenant_id: "", state: "DRAINING" })?.here, ["mosaic host undrain beta"]);
});
