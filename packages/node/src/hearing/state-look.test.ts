import assert from "node:assert/strict";
import { test } from "node:test";
import { type AgentReport, type AgentSaid, saidAfter, silentLog } from "@mosaic/core";
import type { StateReading } from "@mosaic/runtimes";
import { anAgent, FakeClock } from "@mosaic/testkit";
import { HeartbeatStatus } from "@mosaic/wire";
import type { ProcessRoll } from "./process-roll.ts";
import { StateLook } from "./state-look.ts";

const { BUSY, IDLE, WAITING } = HeartbeatStatus;

/** An agent that is in a turn, what its file says, and what is heard of that. */
function setUp(status = BUSY as HeartbeatStatus) {
  const clock = new FakeClock();
  const startMs = clock.nowUnixMs();
  const said: { now: AgentSaid } = { now: saidAfter(undefined, { status, turnId: "t-1" }, { atUnixMs: startMs, processPid: 7 }) };
  const state: { now: StateReading | undefined } = { now: undefined };
  const heard: AgentReport[] = [];
  const looked: string[] = [];
  const look = new StateLook({
    ...{ agents: () => [anAgent({ runtime: "claude" })], clock, log: silentLog, home: "/home/ada" },
    processes: { of: () => ({ pid: 7 }) } as unknown as ProcessRoll,
    registry: { said: () => said.now },
    reports: { hear: async (_name, report) => void heard.push(report) },
    mannersOf: () => ({ stateFile: (home, pid) => `${home}/${pid}.json`, hearState: () => state.now }),
    files: {
      async read(path) {
        looked.push(path);
        return "state";
      },
    },
  });
  return { clock, startMs, said, state, heard, looked, look };
}

test("a turn that its process says is over, while no hook told of an end, was interrupted", async () => {
  const { clock, startMs, state, heard, looked, look } = setUp();
  state.now = { status: IDLE, sinceUnixMs: startMs + 1000 };
  await clock.advance(4999);
  assert.deepEqual(heard, []);
  await clock.advance(5001);
  assert.deepEqual(heard, [
    {
      status: IDLE,
      brokenTurns: [{ turnId: "t-1", isInterrupted: true, detail: "interrupted in its terminal" }],
      resolvedRequestIds: ["*"],
    },
  ]);
  assert.equal(looked[0], "/home/ada/7.json");
  await look[Symbol.asyncDispose]();
});

test("what the hooks said later, or the file says of the same, changes nothing", async () => {
  const { clock, startMs, state, said, heard, look } = setUp();
  for (const now of [undefined, { status: BUSY, sinceUnixMs: startMs + 1 }, { status: IDLE, sinceUnixMs: startMs - 1 }]) {
    state.now = now;
    await clock.advance(10_000);
  }
  state.now = { status: IDLE, sinceUnixMs: clock.nowUnixMs() };
  said.now = saidAfter(said.now, { isProgress: true }, { atUnixMs: clock.nowUnixMs() + 1, processPid: 7 });
  await clock.advance(20_000);
  assert.deepEqual(heard, []);
  await look[Symbol.asyncDispose]();
});

test("what it waits for is told, and an agent that is in no turn is not looked at", async () => {
  const { clock, startMs, state, heard, look } = setUp();
  state.now = { status: WAITING, sinceUnixMs: startMs + 1, waitingFor: "permission" };
  await clock.advance(10_000);
  assert.deepEqual(heard[0], { status: WAITING, waitingFor: "permission" });
  await look[Symbol.asyncDispose]();
  const idle = setUp(IDLE);
  await idle.clock.advance(60_000);
  assert.deepEqual(idle.looked, []);
  await idle.look[Symbol.asyncDispose]();
});
