import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import type { AgentSaid } from "@mosaic/core";
import { anAgent, FakeClock } from "@mosaic/testkit";
import { type Agent, type HeartbeatStatus, PaneSchema } from "@mosaic/wire";
import type { RuntimeManners } from "../delivery/manners.ts";
import { HookWatch } from "./hook-watch.ts";
import type { PaneProcess, ProcessRoll } from "./process-roll.ts";

function setUp(manners: RuntimeManners | undefined = { hear: () => undefined }) {
  const clock = new FakeClock();
  const now = {
    said: undefined as { reading: { processPid: number; atUnixMs?: number; status?: HeartbeatStatus } } | undefined,
    row: anAgent({ name: "lead" }) as Agent,
    process: { pid: 7, startTicks: 1, startedUnixMs: clock.nowUnixMs(), sinceUnixMs: clock.nowUnixMs() } as
      | PaneProcess
      | undefined,
  };
  const watch = new HookWatch({
    ...{ clock, mannersOf: () => manners, rowOf: () => now.row },
    processes: { of: () => now.process } as unknown as ProcessRoll,
    registry: { said: () => now.said as AgentSaid | undefined },
  });
  return { clock, now, watch };
}

test("an agent starts until its own process said something, for a minute at most", async () => {
  const { clock, now, watch } = setUp();
  assert.equal(watch.isStarting("lead"), true);
  now.said = { reading: { processPid: 6 } };
  assert.equal(watch.isStarting("lead"), true, "that was the process before");
  now.said = { reading: { processPid: 7 } };
  assert.equal(watch.isStarting("lead"), false);
  now.said = undefined;
  await clock.advance(60_000);
  assert.equal(watch.isStarting("lead"), false, "its hooks are dead: it is typed to all the same");
});

test("of a start that is not told, or of a program that can't be heard, nothing is waited for", () => {
  assert.equal(setUp({}).watch.isStarting("lead"), false);
  assert.equal(setUp({ hear: () => undefined, announcesStart: false }).watch.isStarting("lead"), false);
  const other = setUp();
  other.now.row = anAgent({ name: "lead", driftRuntime: "pi" });
  assert.equal(other.watch.isStarting("lead"), false);
  const none = setUp();
  none.now.process = undefined;
  assert.equal(none.watch.isStarting("lead"), false);
});

test("work in the terminal adds up for as long as nothing is heard; what shows up now and then is none", async () => {
  const { clock, now, watch } = setUp();
  const start = clock.nowUnixMs();
  now.said = { reading: { processPid: 7, atUnixMs: start } };
  const shows = (atMs: number) => {
    const pane = create(PaneSchema, { alive: true, pid: 7, lastActivityUnixMs: BigInt(start + atMs) });
    watch.noteRow("lead", anAgent({ name: "lead", pane }));
  };
  const works = (fromMs: number) => {
    for (let ms = 0; ms <= 60_000; ms += 5000) shows(fromMs + ms);
  };
  await clock.advance(86_400_000);
  for (let hour = 1; hour < 100; hour += 1) shows(hour * 3_600_000);
  assert.equal(watch.why("lead"), "", "a redraw each hour");
  works(400_000_000);
  assert.match(watch.why("lead"), /its terminal showed that it works and no hook of its process was heard for a day/);
  now.said = { reading: { processPid: 7, atUnixMs: clock.nowUnixMs() } };
  assert.equal(watch.why("lead"), "", "it speaks again");
  await clock.advance(86_400_000);
  shows(500_000_000);
  assert.equal(watch.why("lead"), "", "what it showed before it spoke is over");
});
