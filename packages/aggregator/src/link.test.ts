import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "@mosaic/testkit";
import { HostState } from "@mosaic/wire";
import { BOOKMARK_INTERVAL_MS, imposedState, LOST_AFTER_MS, retryDelayMs, SILENT_AFTER_MS } from "./link.ts";

const lost = (state: typeof HostState.UNREACHABLE | typeof HostState.AUTH_FAILED | typeof HostState.INCOMPATIBLE) =>
  ({ kind: "lost", state, code: "UNAVAILABLE", detail: "", retryAtMs: 0 }) as const;

test("a live link leaves a host's state to the host, any other says what it knows", () => {
  assert.equal(imposedState({ kind: "live" }, true), undefined);
  assert.equal(imposedState({ kind: "silent", sinceMs: 0 }, true), HostState.STALE);
  assert.equal(imposedState({ kind: "warming" }, false), HostState.WARMING);
  assert.equal(imposedState(lost(HostState.UNREACHABLE), true), HostState.UNREACHABLE);
});

test("a host that was never heard from is not merely unreachable; one that is refused is refused either way", () => {
  assert.equal(imposedState(lost(HostState.UNREACHABLE), false), HostState.NEVER_SEEN);
  for (const state of [HostState.AUTH_FAILED, HostState.INCOMPATIBLE] as const) {
    for (const wasHeard of [true, false]) assert.equal(imposedState(lost(state), wasHeard), state);
  }
});

test("a stopped host is STALE within 8 s and UNREACHABLE within 15 s, and two late bookmarks are no reason", () => {
  assert.ok(SILENT_AFTER_MS > 2 * 1.2 * BOOKMARK_INTERVAL_MS && SILENT_AFTER_MS <= 8000);
  assert.ok(LOST_AFTER_MS > SILENT_AFTER_MS && LOST_AFTER_MS + 1000 <= 15_000);
});

test("retries start within 250 ms, back off to 3 s for a few, and never stop", () => {
  const bounds = [1, 2, 3, 4, 5, 50, 5000].map((failures) => retryDelayMs(failures, 1, () => 1));
  assert.deepEqual(bounds, [250, 500, 1000, 2000, 3000, 3000, 3000]);
  assert.deepEqual(
    [1, 5].map((failures) => retryDelayMs(failures, 1, () => 0)),
    [63, 750],
  );
});

test("however many are lost, all together are tried about fifty times a second, and each within a minute", () => {
  for (const members of [10, 100, 150, 1000, 3000]) {
    const random = seededRandom(members);
    const perSecond = Array.from({ length: members }, () => 1000 / retryDelayMs(10, members, random)).reduce(
      (sum, rate) => sum + rate,
      0,
    );
    assert.ok(perSecond <= 100, `${members} members: ${Math.round(perSecond)} attempts a second`);
    assert.ok(retryDelayMs(10, members, () => 1) <= 60_000);
  }
});

test("retries are spread: members that were lost together do not come back together", () => {
  const random = seededRandom(1);
  const delays = Array.from({ length: 1000 }, () => retryDelayMs(20, 1000, random));
  const inOneTenth = delays.filter((delay) => delay >= 10_000 && delay < 12_000).length;
  assert.ok(inOneTenth > 50 && inOneTenth < 200, `${inOneTenth} of 1000`);
});
