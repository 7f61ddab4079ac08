import assert from "node:assert/strict";
import { test } from "node:test";
import type { LoadedUnit } from "./manager-calls.ts";
import { joinUnits } from "./read-units.ts";

const loaded = (unit: string, active: string, sub: string): LoadedUnit => ({ unit, path: "/", load: "loaded", active, sub });
const REST = { active: "inactive", sub: "dead", enabled: "enabled", result: "", restarts: 0, mainPid: 0 };

test("loaded and enabled units are one list sorted by name, each unit once", () => {
  const enabledUnits = { stateOf: (unit: string) => (unit === "b" ? "disabled" : "enabled"), enabled: ["c", "a"] };
  const details = new Map([["c", { result: "success", restarts: 3, mainPid: 7 }]]);
  assert.deepEqual(joinUnits([loaded("c", "active", "running"), loaded("b", "failed", "failed")], details, enabledUnits), [
    { ...REST, unit: "a" },
    { ...REST, unit: "b", active: "failed", sub: "failed", enabled: "disabled" },
    { unit: "c", active: "active", sub: "running", enabled: "enabled", result: "success", restarts: 3, mainPid: 7 },
  ]);
});
