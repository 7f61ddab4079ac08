import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { systemClock } from "../system-clock.ts";
import { type BusConnection, ConnectionLost } from "./bus-connection.ts";
import { createEnablement } from "./enablement.ts";
import { runErrand } from "./errand.ts";
import { createJobWaits } from "./job-waits.ts";
import type { ManagerOutcome } from "./manager-outcome.ts";
import type { ManagerSession } from "./manager-session.ts";
import { createUnitDetails } from "./unit-details.ts";

const ABSENT: ManagerOutcome = { kind: "absent", reason: "nobody" };

function idleSession(): ManagerSession {
  const bus: BusConnection = { call: async () => [], closed: new Promise(() => {}), [Symbol.dispose]() {} };
  const enablement = createEnablement({ bus, runtimeDirectory: "/nowhere", clock: systemClock });
  return { bus, enablement, details: createUnitDetails(bus, systemClock), jobs: createJobWaits() };
}

/** An errand over a link with these outcomes, one after the other, the last one for ever. */
function errandOver(outcomes: readonly ManagerOutcome[], lostForMs: number, isQuestion: boolean) {
  const left = [...outcomes];
  const dropped: ManagerSession[] = [];
  const link = {
    outcome: async () => (left.length > 1 ? left.shift() : left[0]) ?? ABSENT,
    lostForMs: () => lostForMs,
    drop: (session: ManagerSession) => void dropped.push(session),
  };
  const late = () => new MosaicError("MACHINE", "too late");
  const signal = new AbortController().signal;
  return { options: { link, clock: systemClock, signal, timeoutMs: 10_000, late, isQuestion }, dropped };
}

test("a manager that was never there is absent at once", async () => {
  const { options } = errandOver([ABSENT], Number.POSITIVE_INFINITY, true);
  assert.deepEqual(await runErrand(options, async () => 1), ABSENT);
});

test("a manager that was just there is waited for", async () => {
  const { options } = errandOver([ABSENT, ABSENT, { kind: "session", session: idleSession() }], 500, false);
  assert.deepEqual(await runErrand(options, async () => 1), { kind: "done", value: 1 });
});

test("a question is asked once more when the connection is lost, and a change is not", async () => {
  const session = idleSession();
  const tries = async (isQuestion: boolean) => {
    let count = 0;
    const { options, dropped } = errandOver([{ kind: "session", session }], 500, isQuestion);
    const work = async () => {
      count += 1;
      throw new ConnectionLost("lost");
    };
    await assert.rejects(runErrand(options, work), ConnectionLost);
    assert.equal(dropped.length, count);
    return count;
  };
  assert.equal(await tries(true), 2);
  assert.equal(await tries(false), 1);
});

test("a question that is not answered in time costs the connection, and a change does not", async () => {
  const droppedAfter = async (isQuestion: boolean) => {
    const { options, dropped } = errandOver([{ kind: "session", session: idleSession() }], 500, isQuestion);
    await assert.rejects(
      runErrand({ ...options, timeoutMs: 5 }, () => new Promise(() => {})),
      /too late/,
    );
    return dropped.length;
  };
  assert.equal(await droppedAfter(true), 1);
  assert.equal(await droppedAfter(false), 0);
});
