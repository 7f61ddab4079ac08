import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { aPane, aReading, aRoster } from "@mosaic/testkit";
import { AgentState, ApprovalSchema, HeartbeatHealth, HeartbeatStatus, Lifecycle } from "@mosaic/wire";
import type { UnitFacts } from "../ports/units.ts";
import { agentUnit } from "../roster/unit-name.ts";
import { createRowMemory, joinPlanes, nextHealthChangeUnixMs } from "./join-planes.ts";
import type { PlaneReadings } from "./plane-readings.ts";

function join(readings: Partial<PlaneReadings>) {
  return joinPlanes({ ...nothing, ...readings });
}
const nothing: PlaneReadings = {
  ...{ roster: aRoster(), hostId: "h1", nowUnixMs: 0, panes: [], heartbeats: new Map(), progress: new Map() },
  ...{ units: { kind: "absent", reason: "none here" }, driftIn: () => undefined, runtimeIn: () => undefined },
};
const units = (...facts: UnitFacts[]) => ({ kind: "units" as const, byName: new Map(facts.map((one) => [one.unit, one])) });
const aUnit = (name: string): UnitFacts => ({
  ...{ unit: agentUnit(name), active: "active", sub: "running", enabled: "enabled" },
  ...{ result: "success", restarts: 0, mainPid: 0 },
});
const anApproval = () => create(ApprovalSchema, { requestId: "r-1", tool: "Bash", answerable: true });
const conditions = (row: ReturnType<typeof join>[number] | undefined) => row?.conditions.map((condition) => condition.type);

test("every roster agent is a row, with or without a session, and rows are ordered by name", () => {
  const rows = join({ roster: aRoster(["z", "b.c", "a"]), panes: [aPane({ session: "b~c" })] });
  assert.deepEqual(
    rows.map((row) => [row.name, row.state]),
    [
      ["a", AgentState.DEAD],
      ["b.c", AgentState.UNSPECIFIED],
      ["z", AgentState.DEAD],
    ],
  );
  assert.ok(rows.every((row) => row.tenantId === "team-a" && row.host === "alpha" && row.hostId === "h1" && row.inRoster));
});

test("a session that no roster names is an orphan's row, and the holder's session is none", () => {
  const rows = join({
    panes: [aPane(), aPane({ session: "stranger", paneId: "%2" }), aPane({ session: "_holder", paneId: "%3" })],
  });
  assert.deepEqual(
    rows.map((row) => [row.name, row.inRoster]),
    [
      ["lead", true],
      ["stranger", false],
    ],
  );
  assert.deepEqual([conditions(rows[0]), conditions(rows[1])], [[], ["ORPHAN"]]);
  assert.deepEqual([rows[1]?.runtime, rows[1]?.lifecycle], ["", Lifecycle.UNSPECIFIED]);
});

test("of several panes in a session the first counts, by number and not by text", () => {
  const rows = join({
    panes: [aPane({ paneId: "%10", pid: 10 }), aPane({ paneId: "%9", pid: 9 }), aPane({ paneId: "%11", pid: 11 })],
  });
  assert.deepEqual([rows.length, rows[0]?.pane?.paneId, rows[0]?.pane?.pid], [1, "%9", 9]);
});

test("a pane's facts are told, and a dead one has no process", () => {
  const [row] = join({ panes: [aPane({ isDead: true, exitStatus: 0, lastActivityUnixMs: 7, isAlternateScreen: true })] });
  assert.ok(row?.pane);
  const { alive, pid, exitStatus, lastActivityUnixMs, columns, rows, alternateScreen } = row.pane;
  assert.deepEqual([alive, pid, exitStatus, lastActivityUnixMs, columns, rows, alternateScreen], [false, 0, 0, 7n, 80, 24, true]);
  assert.equal(join({ panes: [aPane()] })[0]?.pane?.exitStatus, undefined);
});

test("drift is told for live panes of roster agents only", () => {
  const driftIn = (runtime: string) => (runtime === "stub" ? "codex" : undefined);
  const [row] = join({ panes: [aPane()], driftIn });
  assert.deepEqual([row?.driftRuntime, conditions(row)], ["codex", ["DRIFT"]]);
  assert.equal(join({ panes: [aPane({ isDead: true })], driftIn })[0]?.driftRuntime, undefined);
  assert.equal(join({ panes: [aPane({ session: "x" })], driftIn })[1]?.driftRuntime, undefined);
});

test("heartbeats are judged by the host's clock, and one from the future is a condition", () => {
  const lead = (atUnixMs: number) =>
    join({ nowUnixMs: 100_000, panes: [aPane()], heartbeats: new Map([["lead", aReading({ atUnixMs })]]) })[0];
  assert.equal(lead(55_000)?.heartbeat?.health, HeartbeatHealth.HEALTHY);
  assert.equal(lead(54_999)?.heartbeat?.health, HeartbeatHealth.STALE);
  assert.equal(lead(110_000)?.heartbeat?.health, HeartbeatHealth.CLOCK_SKEW);
  assert.deepEqual(conditions(lead(110_000)), ["CLOCK_SKEW"]);
});

test("conditions are ordered by type", () => {
  const [row] = join({ panes: [aPane()], driftIn: () => "codex", heartbeats: new Map([["lead", aReading({ atUnixMs: 1e9 })]]) });
  assert.deepEqual(conditions(row), ["CLOCK_SKEW", "DRIFT"]);
});

test("a session that only shows another one's panes is no row", () => {
  const panes = [
    aPane({ session: "a-viewer" }),
    aPane(),
    aPane({ session: "x-2", paneId: "%5" }),
    aPane({ session: "x", paneId: "%5" }),
  ];
  assert.deepEqual(
    join({ panes }).map((row) => row.name),
    ["lead", "x"],
  );
});

test("what systemd tells of an agent's unit is in its row", () => {
  const facts = { ...aUnit("lead"), sub: "auto-restart", result: "exit-code", restarts: 2 };
  const { systemd } = join({ units: units(facts), panes: [aPane()] })[0] ?? assert.fail();
  assert.ok(systemd);
  const { unit, active, enabled, sub, result, restarts } = systemd;
  assert.deepEqual(
    [unit, active, enabled, sub, result, restarts],
    ["mosaic-agent@lead.service", "active", "enabled", "auto-restart", "exit-code", 2],
  );
  assert.equal(join({ panes: [aPane()], units: units() })[0]?.systemd, undefined);
  assert.equal(join({ panes: [aPane()] })[0]?.systemd, undefined);
});

test("a unit that runs and that no roster names is an orphan's row, and one that rests is none", () => {
  const resting = { ...aUnit("resting"), active: "inactive", sub: "dead" };
  const looping = { ...aUnit("looping"), active: "activating", sub: "auto-restart" };
  const rows = join({ units: units(aUnit("lost"), resting, looping, { ...aUnit("lead"), unit: "mosaic-node.service" }) });
  assert.deepEqual(
    rows.map((row) => [row.name, row.inRoster, row.state]),
    [
      ["lead", true, AgentState.DEAD],
      ["looping", false, AgentState.DEAD],
      ["lost", false, AgentState.DEAD],
    ],
  );
  assert.deepEqual(conditions(rows[2]), ["ORPHAN", "UNIT_WITHOUT_AGENT"]);
  assert.match(rows[2]?.conditions[0]?.message ?? "", /^mosaic-agent@lost.service runs/);
});

test("an orphan with a unit and a session is one row", () => {
  const rows = join({ panes: [aPane({ session: "a~b" })], units: units(aUnit("a.b")) });
  assert.deepEqual(
    rows.map((row) => [row.name, row.systemd?.active, row.pane?.alive]),
    [
      ["a.b", "active", true],
      ["lead", undefined, undefined],
    ],
  );
});

test("the lane of an ephemeral agent is told", () => {
  const roster = aRoster([{ name: "w", lifecycle: "ephemeral", lane: "issue-7" }]);
  const [row] = join({ roster });
  assert.deepEqual([row?.lane, row?.lifecycle, row?.state], ["issue-7", Lifecycle.EPHEMERAL, AgentState.UNSPECIFIED]);
});

test("an agent is wedged when it is busy and healthy, and nothing moved for ten minutes", () => {
  const lead = (nowUnixMs: number, beatUnixMs: number) => {
    const heartbeats = new Map([["lead", aReading({ atUnixMs: beatUnixMs, status: HeartbeatStatus.BUSY })]]);
    const progress = new Map([["lead", { isBusy: true, turnId: "t", movedAtUnixMs: 0 }]]);
    return join({ nowUnixMs, heartbeats, progress, panes: [aPane()] })[0]?.state;
  };
  assert.equal(lead(600_000, 600_000), AgentState.WORKING);
  assert.equal(lead(600_001, 600_000), AgentState.WEDGED);
  assert.equal(lead(700_000, 600_000), AgentState.UNSPECIFIED, "when the heartbeat is stale");
});

test("with a memory, a row of the same facts is the same object, and one of others is made anew", () => {
  const memory = createRowMemory();
  const roster = aRoster(["a", "b"]);
  const readings: PlaneReadings = { ...nothing, roster, nowUnixMs: 1000, panes: [aPane({ session: "a" })] };
  const first = joinPlanes(readings, memory);
  const again = joinPlanes({ ...readings, nowUnixMs: 2000, panes: [...readings.panes] }, memory);
  assert.ok(again[0] === first[0] && again[1] === first[1]);
  const changed = joinPlanes({ ...readings, heartbeats: new Map([["b", aReading()]]) }, memory);
  assert.ok(changed[0] === first[0] && changed[1] !== first[1]);
  assert.ok(changed[1]?.heartbeat);
  joinPlanes({ ...readings, roster: aRoster(["b"]), panes: [] }, memory);
  assert.deepEqual([...memory.rows.keys()], ["b"]);
});

test("rows of the same readings are equal: nothing in a row ages", () => {
  const heartbeats = new Map([["lead", aReading({ atUnixMs: 1000 })]]);
  assert.deepEqual(
    join({ nowUnixMs: 2000, panes: [aPane()], heartbeats }),
    join({ nowUnixMs: 40_000, panes: [aPane()], heartbeats }),
  );
});

test("the next change of health is when the first healthy heartbeat turns stale, and not before", () => {
  const heartbeats = new Map([
    ["old", aReading({ atUnixMs: 0, intervalMs: 1000 })],
    ["slow", aReading({ atUnixMs: 10_000, intervalMs: 60_000 })],
    ["quick", aReading({ atUnixMs: 10_000, intervalMs: 1000 })],
  ]);
  const atMs = nextHealthChangeUnixMs({ heartbeats, nowUnixMs: 10_000 });
  assert.equal(atMs, 13_001);
  const healthAt = (nowUnixMs: number) => join({ roster: aRoster(["quick"]), heartbeats, nowUnixMs })[0]?.heartbeat?.health;
  assert.deepEqual([healthAt(13_000), healthAt(13_001)], [HeartbeatHealth.HEALTHY, HeartbeatHealth.STALE]);
  assert.equal(nextHealthChangeUnixMs({ heartbeats: new Map(), nowUnixMs: 0 }), undefined);
  assert.equal(nextHealthChangeUnixMs({ heartbeats, nowUnixMs: 1e12 }), undefined, "all are stale already");
});

test("what a node knows besides is in the row, and the same facts are the same row", () => {
  const told = new Map([["lead", { approvals: [anApproval()], sessionId: "s-1", pendingMessages: 3, held: "", hookless: "" }]]);
  const memory = createRowMemory();
  const readings = { ...nothing, panes: [aPane()], told };
  const [row] = joinPlanes(readings, memory);
  assert.deepEqual([row?.approvals[0]?.requestId, row?.sessionId, row?.pendingMessages], ["r-1", "s-1", 3]);
  assert.equal(joinPlanes(readings, memory)[0], row);
  const changed = joinPlanes({ ...readings, told: new Map([["lead", { ...told.get("lead")!, pendingMessages: 4 }]]) }, memory);
  assert.equal(changed[0]?.pendingMessages, 4);
});

test("what a hook said of a process that is gone is not said of the next one", () => {
  const reading = aReading({ status: HeartbeatStatus.BUSY, processPid: 1001 });
  const heartbeats = new Map([["lead", reading]]);
  assert.equal(join({ panes: [aPane({ pid: 1001 })], heartbeats })[0]?.state, AgentState.WORKING);
  const [next] = join({ panes: [aPane({ pid: 1002 })], heartbeats });
  assert.deepEqual([next?.state, next?.heartbeat], [AgentState.UNSPECIFIED, undefined]);
});
