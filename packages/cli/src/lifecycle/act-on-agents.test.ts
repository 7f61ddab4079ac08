import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { MosaicError, type RosterAgent } from "@mosaic/core";
import { fileStore } from "@mosaic/host";
import { aRoster, FakeTerminal, FakeUnits, RecordingAudit, realClock } from "@mosaic/testkit";
import { memoryIo } from "../io/memory-io.ts";
import { type AgentAction, actOnAgents } from "./act-on-agents.ts";
import { memoryFleet } from "./memory-fleet-for-tests.ts";

async function world(context: TestContext) {
  const fakes = {
    ...{ roster: aRoster(["lead", "coder0", "1st.a"]), audit: new RecordingAudit(), files: fileStore() },
    ...{ units: new FakeUnits(), terminal: new FakeTerminal(realClock) },
  };
  const memory = await memoryFleet(context, fakes);
  const io = memoryIo();
  const byName = new Map(memory.fleet.roster.agents.map((agent) => [agent.name, agent]));
  const agentOf = (name: string): RosterAgent => byName.get(name) ?? assert.fail(name);
  const { supervisor } = memory.fleet;
  const actions = {
    start: {
      action: "agent.start",
      verb: "starting",
      isNeeded: (alive) => !alive,
      act: (name) => supervisor.start(agentOf(name), io.signal),
    },
    stop: { action: "agent.stop", verb: "stopping", isNeeded: (alive) => alive, act: (name) => supervisor.stop(name, io.signal) },
  } satisfies Record<string, AgentAction>;
  const outcomesOf = async (action: keyof typeof actions, ...names: string[]) =>
    (await actOnAgents(memory.fleet, names, actions[action], io)).map(({ name, outcome }) => `${name} ${outcome}`);
  return { ...memory, ...fakes, io, outcomesOf, actions };
}

test("what changes something is on record before it is done, what doesn't is not on record", async (context) => {
  const { audit, terminal, outcomesOf } = await world(context);
  const alive: boolean[] = [];
  audit.beforeRecord = async ({ agent }) => void alive.push(terminal.sessions.includes(String(agent)));
  assert.deepEqual(await outcomesOf("start", "lead"), ["lead started"]);
  assert.deepEqual(await outcomesOf("start", "lead", "coder0"), ["lead already running", "coder0 started"]);
  assert.deepEqual(await outcomesOf("stop", "coder0", "1st.a"), ["coder0 stopped", "1st.a not running"]);
  assert.deepEqual(
    audit.entries.map(({ action, agent, actor, tenantId, host, facts }) => [action, agent, actor, tenantId, host, facts]),
    [
      ["agent.start", "lead"],
      ["agent.start", "coder0"],
      ["agent.stop", "coder0"],
    ].map((entry) => [...entry, "desk:operator", "team-a", "alpha", { by: "systemd" }]),
  );
  assert.deepEqual(alive, [false, false, true]);
});

test("what can't be put on record is not done, and is told as a failure of that agent alone", async (context) => {
  const { audit, terminal, units, outcomesOf } = await world(context);
  audit.beforeRecord = async ({ agent }) => {
    if (agent === "lead") throw new MosaicError("MACHINE", "cannot write the audit log");
  };
  assert.deepEqual(await outcomesOf("start", "lead", "coder0"), ["lead failed", "coder0 started"]);
  assert.deepEqual(terminal.sessions, ["coder0"]);
  assert.ok(!units.calls.some((call) => call.includes("lead")));
});

test("a unit that is active without a living session is on record too when it is ended", async (context) => {
  const { audit, units, outcomesOf } = await world(context);
  units.set("mosaic-agent@lead.service");
  assert.deepEqual(await outcomesOf("stop", "lead"), ["lead stopped"]);
  assert.deepEqual(
    audit.entries.map(({ action }) => action),
    ["agent.stop"],
  );
});
