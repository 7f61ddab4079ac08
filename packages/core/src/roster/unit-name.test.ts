import assert from "node:assert/strict";
import { test } from "node:test";
import { AGENT_UNITS, agentOfUnit, agentUnit } from "./unit-name.ts";

test("an agent's unit carries its name as it is, and leads back to it", () => {
  assert.equal(agentUnit("lead"), "mosaic-agent@lead.service");
  for (const name of ["lead", "a.b-c_d", "-", "7", ".service", "x.service", "mosaic-agent@x"]) {
    assert.equal(agentOfUnit(agentUnit(name)), name);
    assert.match(agentUnit(name), new RegExp(`^${AGENT_UNITS.replaceAll(".", "\\.").replace("*", ".+")}$`));
  }
});

test("units that keep no agent name none", () => {
  for (const unit of [
    "mosaic-agent@.service",
    "mosaic-node.service",
    "mosaic-agent@x.timer",
    "x-mosaic-agent@x.service",
    "",
    "@",
  ]) {
    assert.equal(agentOfUnit(unit), undefined, unit);
  }
});
