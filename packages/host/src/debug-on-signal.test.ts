import assert from "node:assert/strict";
import { test } from "node:test";
import { debugOnSignal } from "./debug-on-signal.ts";

test("a signal sets a log to debug for 15 minutes, a second one sets it back", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const said: unknown[] = [];
  const log = { level: "info", warn: (fields: object) => void said.push(fields) };
  const before = process.listenerCount("SIGUSR2");
  {
    using _ = debugOnSignal(log);
    // Not by a real signal: the test runner has a listener of its own, which writes a report.
    const signal = () => process.listeners("SIGUSR2").at(-1)?.("SIGUSR2");
    signal();
    assert.equal(log.level, "debug");
    context.mock.timers.tick(15 * 60_000 - 1);
    assert.equal(log.level, "debug");
    context.mock.timers.tick(1);
    assert.equal(log.level, "info");
    signal();
    signal();
    assert.equal(log.level, "info");
    signal();
  }
  assert.deepEqual([log.level, process.listenerCount("SIGUSR2"), said.length], ["info", before, 4]);
});
