import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { aHostStatus, anAgent } from "@mosaic/testkit";
import { AgentHeartbeatSchema, AgentState, ConditionSchema, HeartbeatHealth, HostState, PaneSchema } from "@mosaic/wire";
import { agentChanges, agentSeen, stillSeen } from "./agent-changes.ts";
import { Conflation } from "./conflate.ts";
import { isAskedFor } from "./event-filter.ts";
import { isEventId, newEventId } from "./event-id.ts";
import { formatEventLine, parseEventLine } from "./event-line.ts";
import { EVENT_KINDS, type FleetEvent, type Happening } from "./fleet-event.ts";
import { hostChanges, hostSeen } from "./host-changes.ts";
import { lastKnown } from "./last-known.ts";

const { READY, WORKING, WAITING, DEAD, FAILED, UNSPECIFIED } = AgentState;

interface SeenFields {
  readonly pid?: number;
  readonly health?: HeartbeatHealth;
  readonly conditions?: readonly string[];
}

function seen(state: AgentState, { pid = 7, health = HeartbeatHealth.HEALTHY, conditions = [] }: SeenFields = {}) {
  return agentSeen(
    anAgent({
      state,
      pane: create(PaneSchema, { alive: pid > 0, pid }),
      heartbeat: create(AgentHeartbeatSchema, { health }),
      conditions: conditions.map((type) => create(ConditionSchema, { type, message: `about ${type}` })),
    }),
  );
}

const kinds = (...args: Parameters<typeof agentChanges>) => agentChanges(...args).map(({ kind, from, to }) => [kind, from, to]);

test("an agent's changes are told by name, and a turn that begins or ends is none", () => {
  assert.deepEqual(kinds(undefined, seen(READY)), [["agent.found", "", "READY"]]);
  assert.deepEqual(kinds(seen(READY), seen(WORKING)), []);
  assert.deepEqual(kinds(seen(WORKING), seen(DEAD, { pid: 0, health: HeartbeatHealth.STALE })), [
    ["agent.died", "WORKING", "DEAD"],
  ]);
  assert.deepEqual(kinds(seen(DEAD), seen(READY)), [["agent.started", "DEAD", "READY"]]);
  assert.deepEqual(kinds(seen(READY), seen(WORKING, { pid: 8 })), [["agent.restarted", "READY", "WORKING"]]);
  assert.deepEqual(kinds(seen(WORKING), seen(FAILED)), [["agent.failed", "WORKING", "FAILED"]]);
  assert.deepEqual(kinds(seen(WAITING), seen(WORKING)), [["agent.recovered", "WAITING", "WORKING"]]);
  assert.deepEqual(kinds(seen(READY), seen(READY, { health: HeartbeatHealth.STALE })), [["agent.stale", "HEALTHY", "STALE"]]);
  assert.deepEqual(kinds(seen(READY), undefined), [["agent.removed", "READY", ""]]);
  const hookless = seen(READY, { conditions: ["HOOKLESS"] });
  assert.deepEqual(kinds(seen(READY), hookless), [["condition.appeared", "", "HOOKLESS"]]);
  assert.deepEqual(kinds(hookless, seen(READY)), [["condition.cleared", "HOOKLESS", "HOOKLESS"]]);
});

test("an agent of which nothing tells is as it was, so that it does not die twice", () => {
  const unknown = stillSeen(seen(DEAD), seen(UNSPECIFIED));
  assert.deepEqual([kinds(seen(DEAD), unknown), kinds(unknown, seen(DEAD))], [[], []]);
});

test("a host's states are told by name, and one that is waited for after a start says nothing", () => {
  const at = (state: HostState) => hostSeen(aHostStatus({ state, detail: "why" }));
  const change = (...args: Parameters<typeof hostChanges>) =>
    hostChanges(...args).map(({ kind, from, reason }) => [kind, from, reason]);
  assert.deepEqual(change(undefined, at(HostState.LIVE)), [["host.live", "", "why"]]);
  assert.deepEqual(change(at(HostState.LIVE), at(HostState.WARMING)), []);
  assert.deepEqual(change(at(HostState.LIVE), at(HostState.UNREACHABLE)), [["host.unreachable", "LIVE", "why"]]);
  assert.deepEqual(change(at(HostState.LIVE), undefined), [["host.removed", "LIVE", "it is not expected any more"]]);
  const states = Object.entries(HostState).filter(([name]) => !["UNSPECIFIED", "WARMING"].includes(name));
  for (const [name, state] of states) assert.equal(hostChanges(undefined, at(state)).length, 1, `${name} has no event`);
});

const died: Happening = {
  ...{ kind: "agent.died", tenantId: "team-a", host: "alpha", agent: "lead" },
  ...{ from: "READY", to: "DEAD", reason: "its process is gone", traceparent: "" },
};

test("what flaps is told five times a minute, and the rest as one: what it is at last, with the count", () => {
  const conflation = new Conflation();
  const started: Happening = { ...died, kind: "agent.started", from: "DEAD", to: "READY" };
  const at = (ms: number, happening = died) => conflation.take(happening, ms).map(({ count }) => count);
  const flapping = Array.from({ length: 9 }, (_, count) => at(count, count % 2 === 0 ? died : started));
  assert.deepEqual(flapping, [[1], [1], [1], [1], [1], [], [], [], []]);
  for (const other of [{ agent: "other" }, { kind: "agent.stale" }, { kind: "condition.appeared", to: "DRIFT" }] as const)
    assert.deepEqual(at(10, { ...died, ...other }), [1], "another agent or thing is another matter");
  assert.equal(conflation.nextDueMs, 60_000);
  assert.deepEqual(conflation.due(59_999), []);
  const [held] = conflation.due(60_000);
  assert.deepEqual(
    [held?.count, held?.happening.kind, held?.happening.from, conflation.nextDueMs],
    [4, "agent.died", "DEAD", undefined],
  );
  assert.deepEqual(at(60_001), [1], "a new minute");
  for (let ms = 60_002; ms < 60_010; ms += 1) at(ms);
  assert.deepEqual(
    conflation.rest().map(({ count }) => count),
    [4],
  );
});

test("ids rise, also when the clock is set back, and sort by time", () => {
  let last = "";
  for (const nowUnixMs of [1000, 1000, 1001, 5, 5, 1_767_225_600_000]) {
    const id = newEventId(last, nowUnixMs, () => 0.999);
    assert.ok(isEventId(id) && id > last, `${last} ${id}`);
    last = id;
  }
});

test("a line holds an event, and half a line is none", () => {
  const event: FleetEvent = {
    ...died,
    id: newEventId("", 1000, () => 0),
    atUnixMs: 1_767_225_600_123,
    count: 2,
    reason: "é\u001b[2J",
  };
  const line = formatEventLine(event);
  assert.match(line, /^[\x20-\x7e]+$/);
  assert.deepEqual(parseEventLine(line), event);
  assert.equal(parseEventLine(line.slice(0, -5)), undefined);
  assert.equal(parseEventLine("{}"), undefined);
});

test("the end of a journal tells how things were: who was dead, what stood, and who did not stop", () => {
  const event = (fields: Partial<FleetEvent>): FleetEvent => ({ ...died, id: "x", atUnixMs: 0, count: 1, ...fields });
  const ofHost = { agent: "" };
  const known = lastKnown([
    event({ ...ofHost, kind: "daemon.started", to: "1.0" }),
    event({ kind: "agent.found", to: "READY" }),
    event({ kind: "condition.appeared", to: "HOOKLESS" }),
    event({}),
    event({ ...ofHost, kind: "condition.appeared", to: "NO_SYSTEMD" }),
    event({ ...ofHost, kind: "host.unreachable", to: "UNREACHABLE" }),
    event({ agent: "gone", kind: "agent.found", to: "READY" }),
    event({ agent: "gone", kind: "agent.removed", to: "" }),
  ]);
  const lead = known.agents.get("team-a/alpha/lead");
  assert.deepEqual([lead?.state, [...(lead?.conditions.keys() ?? [])]], ["DEAD", ["HOOKLESS"]]);
  assert.deepEqual([known.agents.size, known.hosts.get("team-a/alpha"), known.unstopped], [1, "UNREACHABLE", "1.0"]);
  assert.deepEqual([...(known.conditions.get("team-a/alpha") ?? [])], ["NO_SYSTEMD"]);
  assert.equal(lastKnown([event({ ...ofHost, kind: "daemon.stopped" })]).unstopped, undefined);
});

test("a kind is meant by its whole name or by what stands before a dot", () => {
  const event: FleetEvent = { ...died, id: "x", atUnixMs: 10, count: 1 };
  const all = { tenantIds: [], hosts: [], names: [], kinds: [], sinceUnixMs: 0 };
  const isAsked = (fields: object) => isAskedFor(event, { ...all, ...fields });
  assert.deepEqual(
    [{}, { kinds: ["agent"] }, { kinds: ["agent.died"] }, { kinds: ["age"] }, { names: ["x"] }, { sinceUnixMs: 11 }].map(isAsked),
    [true, true, true, false, false, false],
  );
});

test("kinds are named once, in the order of their first word", () => {
  assert.equal(new Set(EVENT_KINDS).size, EVENT_KINDS.length);
  const words = EVENT_KINDS.map((kind) => kind.split(".")[0] ?? "");
  assert.deepEqual(words, [...words].sort());
});
