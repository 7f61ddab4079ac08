import assert from "node:assert/strict";
import { test } from "node:test";
import { type BusConnection, BusError } from "./bus-connection.ts";
import { RECHECK_AFTER_MS } from "./enablement.ts";
import type { LoadedUnit } from "./manager-calls.ts";
import { createUnitDetails } from "./unit-details.ts";

/** A manager whose services have these properties; counts what is asked. */
function fakeManager(properties: Record<string, unknown>) {
  const asked: string[] = [];
  const clock = { nowMs: 0, nowUnixMs: () => 0, monotonicMs: () => clock.nowMs, sleep: async () => {} };
  const bus: BusConnection = {
    async call({ body = [] }) {
      asked.push(String(body[1]));
      const value = properties[String(body[1])];
      if (value instanceof Error) throw value;
      return [value];
    },
    closed: new Promise(() => {}),
    [Symbol.dispose]() {},
  };
  const details = createUnitDetails(bus, clock);
  /** Reads one unit; answers with its details and how many properties were asked for. */
  const read = async (unit: LoadedUnit) => {
    asked.length = 0;
    return { ...(await details.read([unit])).get(unit.unit), asked: asked.length };
  };
  return { details, clock, read };
}

const running: LoadedUnit = { unit: "a@x.service", path: "/a", load: "loaded", active: "active", sub: "running" };
const stopped: LoadedUnit = { ...running, active: "inactive", sub: "dead" };
const PROPERTIES = { Result: "exit-code", NRestarts: 2, MainPID: 77, InactiveExitTimestampMonotonic: 5n };

test("details are asked for once, and again when the unit is seen in another state", async () => {
  const { read } = fakeManager(PROPERTIES);
  assert.deepEqual(await read(running), { result: "success", restarts: 2, mainPid: 77, asked: 2 });
  assert.equal((await read(running)).asked, 0);
  assert.deepEqual(await read(stopped), { result: "exit-code", restarts: 2, mainPid: 77, asked: 4 });
});

test("details are asked for again after a signal about the unit, after a reload, and after 60 s", async () => {
  const { details, clock, read } = fakeManager(PROPERTIES);
  await read(running);
  details.forget("a@other.service");
  assert.equal((await read(running)).asked, 0);
  details.forget(running.unit);
  assert.equal((await read(running)).asked, 2);
  details.forgetAll();
  assert.equal((await read(running)).asked, 2);
  clock.nowMs += RECHECK_AFTER_MS;
  assert.equal((await read(running)).asked, 2);
});

test("a signal that arrives while details are asked for makes them be asked for again", async () => {
  const { details, read } = fakeManager(PROPERTIES);
  const reading = details.read([running]);
  details.forget(running.unit);
  await reading;
  assert.equal((await read(running)).asked, 2);
});

test("a service that never ran has no result", async () => {
  const { read } = fakeManager({ ...PROPERTIES, Result: "success", InactiveExitTimestampMonotonic: 0n });
  assert.equal((await read(stopped)).result, "");
  assert.equal((await read({ ...stopped, active: "activating" })).result, "success");
});

test("what is no service, and what went away meanwhile, has no details", async () => {
  const nothing = { result: "", restarts: 0, mainPid: 0 };
  const gone = fakeManager({ NRestarts: new BusError("org.freedesktop.DBus.Error.UnknownObject", "gone") });
  assert.deepEqual(await gone.read(running), { ...nothing, asked: 2 });
  assert.deepEqual(await gone.read({ ...running, unit: "a.slice" }), { ...nothing, asked: 0 });
});

test("an answer that makes no sense is an error, and is not remembered", async () => {
  const properties: Record<string, unknown> = { ...PROPERTIES, MainPID: "many" };
  const { read } = fakeManager(properties);
  await assert.rejects(read(running), { code: "MACHINE" });
  properties["MainPID"] = 1;
  assert.equal((await read(running)).mainPid, 1);
});
