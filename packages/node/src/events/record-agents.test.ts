import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { FleetLog, lastKnown } from "@mosaic/core";
import { aHostStatus, anAgent, FakeClock, MemoryEventJournal } from "@mosaic/testkit";
import { type Agent, AgentKeySchema, AgentState, ConditionSchema } from "@mosaic/wire";
import { recordAgents } from "./record-agents.ts";

const { READY, DEAD } = AgentState;
const of = { tenantId: "team-a", host: "alpha" };
const hostId = "h-1";

function row(name: string, state: AgentState, ...conditions: string[]): Agent {
  return anAgent({ ...of, hostId, name, state, conditions: conditions.map((type) => create(ConditionSchema, { type })) });
}

/** A node's life over rows that are there when it starts. @param before what an earlier life kept */
function life(before: MemoryEventJournal, ...rows: Agent[]) {
  const fleetLog = new FleetLog({ epoch: "e" });
  fleetLog.publish([{ kind: "host", status: aHostStatus({ ...of, hostId }) }]);
  fleetLog.publish(rows.map((each) => ({ kind: "upsert", row: each })));
  const journal = new MemoryEventJournal(before.events);
  const clock = new FakeClock();
  const known = lastKnown(journal.takeBefore()).agents;
  const recording = recordAgents({ fleetLog, journal, clock, of, known });
  const told = () => journal.events.slice(before.events.length).map(({ kind, agent, to }) => `${kind} ${agent} ${to}`);
  return { fleetLog, journal, clock, recording, told };
}

test("what an agent goes through is kept as it happens, and nothing after the end", () => {
  const { fleetLog, told, recording } = life(new MemoryEventJournal(), row("lead", READY));
  fleetLog.publish([{ kind: "upsert", row: row("lead", DEAD) }]);
  fleetLog.publish([{ kind: "upsert", row: row("lead", READY, "HOOKLESS") }]);
  fleetLog.publish([{ kind: "delete", key: create(AgentKeySchema, { ...of, hostId, name: "lead" }) }]);
  recording[Symbol.dispose]();
  fleetLog.publish([{ kind: "upsert", row: row("lead", READY) }]);
  assert.deepEqual(told(), [
    ...["agent.found lead READY", "agent.died lead DEAD", "agent.started lead READY"],
    ...["condition.appeared lead HOOKLESS", "agent.removed lead "],
  ]);
});

test("after a restart only what changed meanwhile is told: who died, who is gone, which condition is over", async () => {
  const first = life(
    new MemoryEventJournal(),
    row("same", READY, "DRIFT"),
    row("dies", READY),
    row("goes", READY),
    row("cured", READY, "DRIFT"),
  );
  first.recording[Symbol.dispose]();
  const second = life(first.journal, row("same", READY, "DRIFT"), row("dies", DEAD), row("cured", READY));
  assert.deepEqual(second.told(), ["agent.died dies DEAD"], "what takes a moment to be found out again is waited for");
  await second.clock.advance(30_000);
  assert.deepEqual(second.told().sort(), ["agent.died dies DEAD", "agent.removed goes ", "condition.cleared cured DRIFT"]);
  second.recording[Symbol.dispose]();
  const third = life(second.journal, row("same", READY, "DRIFT"), row("dies", DEAD), row("cured", READY));
  await third.clock.advance(30_000);
  assert.deepEqual(third.told(), []);
  third.recording[Symbol.dispose]();
});
