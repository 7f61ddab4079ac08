import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import type { ProcessFacts, ProcessTable } from "@mosaic/core";
import { FakeClock } from "@mosaic/testkit";
import { AgentSchema } from "@mosaic/wire";
import { ProcessRoll } from "./process-roll.ts";

const HOUR_MS = 3_600_000;
const lead = (pid: number) => create(AgentSchema, { name: "lead", pane: { alive: true, pid } });

/** Processes that all started 5 s before the clock's own start. */
function tableOf(clock: FakeClock, alive: Map<number, number>): ProcessTable {
  const read = (pid: number): ProcessFacts | undefined => {
    const startTicks = alive.get(pid);
    return startTicks === undefined ? undefined : { pid, executable: "", command: "", arguments: [], startTicks };
  };
  return { read, childrenOf: () => [], startedUnixMs: () => clock.nowUnixMs() - clock.monotonicMs() - 5000 };
}

test("an agent that started before the clock was set did so by the clock as it goes now", async () => {
  for (const table of [tableOf, () => ({ read: () => undefined, childrenOf: () => [] })]) {
    const clock = new FakeClock();
    const roll = new ProcessRoll(table(clock, new Map([[7, 1]])), clock);
    roll.note("lead", lead(7));
    const ageMs = () => clock.nowUnixMs() - (roll.of("lead")?.sinceUnixMs ?? 0);
    const first = ageMs();
    clock.jumpWall(-2 * HOUR_MS);
    await clock.advance(1000);
    assert.equal(ageMs() - first, 1000);
    assert.equal(roll.of("lead")?.startedUnixMs, table === tableOf ? clock.nowUnixMs() - 6000 : undefined);
  }
});

test("a process is current until it is gone or its number is another one's", () => {
  const clock = new FakeClock();
  const alive = new Map([[7, 1]]);
  const roll = new ProcessRoll(tableOf(clock, alive), clock);
  assert.equal(roll.isCurrent("lead"), false);
  roll.note("lead", lead(7));
  assert.equal(roll.isCurrent("lead"), true);
  alive.set(7, 2);
  assert.equal(roll.isCurrent("lead"), false);
  alive.delete(7);
  assert.equal(roll.isCurrent("lead"), false);
});

test("where the system has no table of processes, what is known stands", () => {
  const roll = new ProcessRoll({ read: () => undefined, childrenOf: () => [] }, new FakeClock());
  roll.note("lead", lead(7));
  assert.equal(roll.isCurrent("lead"), true);
});
