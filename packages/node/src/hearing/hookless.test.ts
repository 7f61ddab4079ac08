import assert from "node:assert/strict";
import { test } from "node:test";
import { type HookFacts, whyHookless } from "./hookless.ts";

const process = { pid: 7, startTicks: 1, startedUnixMs: 0, sinceUnixMs: 0 };
const silent: HookFacts = {
  ...{ runtime: "claude", announcesStart: true, process, heardAtUnixMs: undefined },
  ...{ isInTurn: false, enteredAtUnixMs: undefined, shownMs: 0, nowUnixMs: 59_999 },
};
const isTold = (facts: Partial<HookFacts>) => whyHookless({ ...silent, ...facts }) !== "";

test("hooks that say nothing for a minute after a start count as dead, where they would speak then", () => {
  assert.equal(isTold({}), false);
  assert.equal(isTold({ nowUnixMs: 60_000 }), true);
  assert.equal(isTold({ nowUnixMs: 60_000, heardAtUnixMs: 1 }), false);
  assert.equal(isTold({ nowUnixMs: 60_000, announcesStart: false }), false);
  assert.match(whyHookless({ ...silent, nowUnixMs: 60_000 }), /mosaic agent install-hooks claude/);
});

test("hooks that say nothing to a message that was entered count as dead", () => {
  assert.equal(isTold({ enteredAtUnixMs: 50_000 }), false);
  assert.equal(isTold({ enteredAtUnixMs: 49_999 }), true);
  assert.equal(isTold({ enteredAtUnixMs: 0, announcesStart: false }), true);
  assert.equal(isTold({ enteredAtUnixMs: 0, heardAtUnixMs: 1 }), false);
});

test("hooks that spoke and then say nothing to a message for ten minutes count as dead, unless a turn may keep them silent", () => {
  const unheard = { heardAtUnixMs: 1000, enteredAtUnixMs: 100_000, nowUnixMs: 700_000 };
  assert.equal(isTold({ ...unheard, nowUnixMs: 699_999 }), false);
  assert.equal(isTold(unheard), true);
  assert.equal(isTold({ ...unheard, isInTurn: true }), false);
  assert.equal(isTold({ ...unheard, heardAtUnixMs: 96_000 }), false, "its word of it");
});

test("hooks that say nothing for a day while the terminal shows work count as dead, and those of an agent at rest do not", () => {
  const day = { heardAtUnixMs: 1, shownMs: 60_000, nowUnixMs: 86_400_001 };
  assert.equal(isTold(day), true);
  assert.equal(isTold({ ...day, isInTurn: true }), true);
  assert.equal(isTold({ ...day, nowUnixMs: 86_400_000 }), false);
  assert.equal(isTold({ ...day, shownMs: 59_999 }), false);
  assert.match(whyHookless({ ...silent, ...day }), /for a day: .*install-hooks claude/);
});
