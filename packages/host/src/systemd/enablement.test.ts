import assert from "node:assert/strict";
import { test } from "node:test";
import type { BusConnection } from "./bus-connection.ts";
import { createEnablement, judgeEnabled, RECHECK_AFTER_MS } from "./enablement.ts";

const NONE = new Map<string, never>();

test("an instance is enabled by its link and not by its template's other instances", () => {
  const files = new Map([["a@.service", "indirect"]]);
  const { stateOf, enabled } = judgeEnabled(["a@*.service"], files, new Map([["a@x.service", "enabled"]]));
  assert.equal(stateOf("a@x.service"), "enabled");
  assert.equal(stateOf("a@y.service"), "disabled");
  assert.deepEqual(enabled, ["a@x.service"]);
});

test("a link whose template is gone enables nothing", () => {
  const { stateOf, enabled } = judgeEnabled(["a@*.service"], NONE, new Map([["a@x.service", "enabled"]]));
  assert.equal(stateOf("a@x.service"), "");
  assert.deepEqual(enabled, []);
});

test("a mask wins over a link, on the instance and on its template", () => {
  const wanted = new Map([["a@x.service", "enabled"] as const, ["b@x.service", "enabled"] as const]);
  const files = new Map([
    ["a@.service", "disabled"],
    ["a@x.service", "masked"],
    ["b@.service", "masked-runtime"],
  ]);
  const { stateOf, enabled } = judgeEnabled(["*"], files, wanted);
  assert.equal(stateOf("a@x.service"), "masked");
  assert.equal(stateOf("b@x.service"), "masked-runtime");
  assert.deepEqual(enabled, []);
});

test("a plain unit is enabled as its own file says, and a template never", () => {
  const files = new Map([
    ["holder.service", "enabled"],
    ["a@.service", "enabled"],
    ["other.service", "enabled"],
  ]);
  assert.deepEqual(judgeEnabled(["holder.service", "a@*.service"], files, NONE).enabled, ["holder.service"]);
});

/** A bus that counts its calls and knows no unit. */
function countingBus() {
  const calls: string[] = [];
  const bus: BusConnection = {
    async call({ member }) {
      calls.push(member);
      return [[]];
    },
    closed: new Promise(() => {}),
    [Symbol.dispose]() {},
  };
  return { bus, calls };
}

test("what is enabled is asked once, again after a change was told, and again after 60 s", async () => {
  let nowMs = 0;
  const clock = { nowUnixMs: () => 0, monotonicMs: () => nowMs, sleep: async () => {} };
  const { bus, calls } = countingBus();
  const enablement = createEnablement({ bus, runtimeDirectory: "/nowhere", clock });
  const callsOfRead = async () => {
    calls.length = 0;
    await Promise.all([enablement.read(["a@*.service"]), enablement.read(["a@*.service"])]);
    return calls.toSorted();
  };
  const asked = ["Get", "ListUnitFilesByPatterns"];
  assert.deepEqual(await callsOfRead(), asked);
  assert.deepEqual(await callsOfRead(), []);
  enablement.forget();
  assert.deepEqual(await callsOfRead(), asked);
  nowMs += RECHECK_AFTER_MS - 1;
  assert.deepEqual(await callsOfRead(), []);
  nowMs += 1;
  assert.deepEqual(await callsOfRead(), asked);
});

test("a question that failed is asked again by the next one", async () => {
  const clock = { nowUnixMs: () => 0, monotonicMs: () => 0, sleep: async () => {} };
  const { bus } = countingBus();
  let isBroken = true;
  const breaking: BusConnection = { ...bus, call: (call) => (isBroken ? Promise.reject(new Error("broken")) : bus.call(call)) };
  const enablement = createEnablement({ bus: breaking, runtimeDirectory: "/nowhere", clock });
  await assert.rejects(enablement.read(["a"]), /broken/);
  isBroken = false;
  assert.deepEqual((await enablement.read(["a"])).enabled, []);
});
