import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { BusError, ConnectionLost } from "./bus-connection.ts";
import { toChangeError, toJobError } from "./systemd-errors.ts";

function asMosaicError(value: unknown): MosaicError {
  return value instanceof MosaicError ? value : assert.fail(String(value));
}

test("a refusal that is known is said in our words, with what to type next", () => {
  const refusal = new BusError("org.freedesktop.systemd1.UnitMasked", "Unit a.service is masked.");
  const error = asMosaicError(toChangeError('start "a.service"', "a.service", refusal));
  assert.equal(error.code, "UNIT_FAILED");
  assert.equal(error.message, 'cannot start "a.service": the unit is masked, which forbids its start');
  assert.equal(error.hint, "systemctl --user unmask a.service");
});

test("a refusal that is not known is said in systemd's words, with the unit's journal", () => {
  const refusal = new BusError("org.freedesktop.systemd1.Odd", "The moon is wrong.");
  const error = asMosaicError(toChangeError('start "a.service"', "a.service", refusal));
  assert.equal(error.message, 'cannot start "a.service": The moon is wrong.');
  assert.equal(error.hint, "journalctl --user -u a.service -n 50");
});

test("a manager that goes away is no failure of the unit", () => {
  assert.equal(asMosaicError(toChangeError("start", "a.service", new ConnectionLost("gone"))).code, "NO_SYSTEMD");
});

test("other errors are passed on as they are", () => {
  const fault = new TypeError("a fault of ours");
  assert.equal(toChangeError("start", "a.service", fault), fault);
});

test("a job that failed names the run's result, and other results of the job don't blame the unit", () => {
  const exitCode = { result: "exit-code", restarts: 0 };
  assert.equal(toJobError("start", "a", "failed", exitCode).message, 'cannot start "a": it failed (failed, exit-code)');
  const timeout = 'cannot stop "a": systemd gave up waiting for it (timeout)';
  assert.equal(toJobError("stop", "a", "timeout", exitCode).message, timeout);
  assert.equal(toJobError("start", "a", "new-word", undefined).message, 'cannot start "a": it did not end well (new-word)');
});

test("a start refused after a crash loop says how to lift that", () => {
  const error = toJobError("start", "a", "failed", { result: "exit-code", restarts: 5 });
  assert.equal(error.message, 'cannot start "a": it failed (failed, exit-code, restarted 5 times)');
  assert.equal(error.hint, "systemctl --user reset-failed a");
});
