import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_HEARTBEAT_INTERVAL_MS, heartbeatHealth } from "./heartbeat-health.ts";

test("a heartbeat is healthy for three intervals, then stale, and skewed when it comes from the future", () => {
  const nowUnixMs = 1_790_000_000_000;
  const cases = [
    { ageMs: 0, intervalMs: 15_000, health: "healthy" },
    { ageMs: 44_999, intervalMs: 15_000, health: "healthy" },
    { ageMs: 45_000, intervalMs: 15_000, health: "healthy" },
    { ageMs: 45_001, intervalMs: 15_000, health: "stale" },
    { ageMs: 3_000, intervalMs: 1_000, health: "healthy" },
    { ageMs: 3_001, intervalMs: 1_000, health: "stale" },
    { ageMs: 1, intervalMs: 0, health: "stale" },
    { ageMs: -1, intervalMs: 15_000, health: "healthy" },
    { ageMs: -2_000, intervalMs: 15_000, health: "healthy" },
    { ageMs: -2_001, intervalMs: 15_000, health: "clock-skew" },
    { ageMs: nowUnixMs, intervalMs: 15_000, health: "stale" },
  ] as const;
  for (const { ageMs, intervalMs, health } of cases) {
    assert.equal(
      heartbeatHealth({ atUnixMs: nowUnixMs - ageMs, intervalMs, nowUnixMs }),
      health,
      `${ageMs} ms of ${intervalMs} ms`,
    );
  }
});

test("the interval of a writer that promises none is 15 s", () => {
  assert.equal(DEFAULT_HEARTBEAT_INTERVAL_MS, 15_000);
});
