import assert from "node:assert/strict";
import { test } from "node:test";
import { type HookFacts, whyHookless } from "./hookless.ts";

const process = { pid: 7, startTicks: 1, startedUnixMs: 0, sinceUnixMs: 0 };
const silent: HookFacts = {
  ...{ runtime: "claude", announcesStart: true, process, isHeard: false },
  ...{ enteredAtUnixMs: undefined, nowUnixMs: 59_999 },
};
const isTold = (facts: Partial<HookFacts>) => whyHookless({ ...silent, ...facts }) !== "";

test("hooks that say nothing for a minute after a start count as dead, where they would speak then", () => {
  assert.equal(isTold({}), false);
  assert.equal(isTold({ nowUnixMs: 60_000 }), true);
  assert.equal(isTold({ nowUnixMs: 60_000, isHeard: true }), false);
  assert.equal(isTold({ nowUnixMs: 60_000, announcesStart: false }), false);
  assert.match(whyHookless({ ...silent, nowUnixMs: 60_000 }), /mosaic agent install-hooks claude/);
});

test("hooks that say nothing to a message that was entered count as dead", () => {
  assert.equal(isTold({ enteredAtUnixMs: 50_000 }), false);
  assert.equal(isTold({ enteredAtUnixMs: 49_999 }), true);
  assert.equal(isTold({ enteredAtUnixMs: 0, announcesStart: false }), true);
  assert.equal(isTold({ enteredAtUnixMs: 0, isHeard: true }), false);
});
