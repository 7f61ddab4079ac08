import assert from "node:assert/strict";
import { test } from "node:test";
import { aPane, aReading } from "@mosaic/testkit";
import { AgentState, Evidence, HeartbeatStatus } from "@mosaic/wire";
import type { HeartbeatHealthName } from "../health/heartbeat-health.ts";
import type { PaneFacts } from "../ports/terminal-server.ts";
import { judgeState, type StateFacts } from "./agent-state.ts";
import type { HeartbeatReading } from "./heartbeat-reading.ts";

const alive = aPane();
const dead = aPane({ isDead: true });
const said = (status: HeartbeatStatus, fields: Partial<HeartbeatReading> = {}) => aReading({ status, ...fields });
const judge = (facts: Partial<StateFacts>) =>
  judgeState({ pane: undefined, reading: undefined, health: undefined, entry: undefined, isWedged: false, ...facts });
const { UNSPECIFIED, READY, WORKING, WAITING, IDLE, FAILED, DEAD } = AgentState;

interface Line {
  readonly pane: PaneFacts | undefined;
  readonly heartbeat?: HeartbeatReading;
  readonly health?: HeartbeatHealthName;
  readonly state: AgentState;
  readonly detail: string;
}

/** What each meeting of pane and heartbeat means. */
const table: readonly Line[] = [
  { pane: undefined, state: DEAD, detail: "no session" },
  { pane: undefined, heartbeat: said(HeartbeatStatus.BUSY), health: "healthy", state: DEAD, detail: "no session" },
  { pane: dead, state: DEAD, detail: "process ended" },
  { pane: aPane({ isDead: true, exitStatus: 0 }), state: DEAD, detail: "exited with 0" },
  {
    pane: aPane({ isDead: true, exitStatus: 137 }),
    heartbeat: said(HeartbeatStatus.IDLE),
    health: "healthy",
    state: DEAD,
    detail: "exited with 137",
  },
  { pane: alive, state: UNSPECIFIED, detail: "no heartbeat yet" },
  { pane: alive, heartbeat: said(HeartbeatStatus.IDLE), health: "stale", state: UNSPECIFIED, detail: "heartbeat is stale" },
  {
    pane: alive,
    heartbeat: said(HeartbeatStatus.BUSY),
    health: "clock-skew",
    state: UNSPECIFIED,
    detail: "heartbeat is from the future",
  },
  { pane: alive, heartbeat: said(HeartbeatStatus.READY), health: "healthy", state: READY, detail: "" },
  { pane: alive, heartbeat: said(HeartbeatStatus.BUSY), health: "healthy", state: WORKING, detail: "" },
  { pane: alive, heartbeat: said(HeartbeatStatus.IDLE), health: "healthy", state: IDLE, detail: "" },
  { pane: alive, heartbeat: said(HeartbeatStatus.OK), health: "healthy", state: IDLE, detail: "" },
  {
    pane: alive,
    heartbeat: said(HeartbeatStatus.FAILED, { detail: "quota" }),
    health: "healthy",
    state: FAILED,
    detail: "quota",
  },
  {
    pane: alive,
    heartbeat: said(HeartbeatStatus.WAITING, { detail: "run tests" }),
    health: "healthy",
    state: WAITING,
    detail: "run tests",
  },
  {
    pane: alive,
    heartbeat: said(HeartbeatStatus.OK, { evidence: Evidence.SIDECAR }),
    health: "healthy",
    state: UNSPECIFIED,
    detail: "only a sidecar reports",
  },
  { pane: alive, heartbeat: said(HeartbeatStatus.UNSPECIFIED), health: "healthy", state: UNSPECIFIED, detail: "" },
  { pane: alive, heartbeat: said(99 as HeartbeatStatus), health: "healthy", state: UNSPECIFIED, detail: "" },
];

for (const { pane, heartbeat, health, state, detail } of table) {
  const what = `${pane ? (pane.isDead ? `dead pane (${pane.exitStatus})` : "live pane") : "no pane"}, ${heartbeat ? `${health} heartbeat ${heartbeat.status}/${heartbeat.evidence}` : "no heartbeat"}`;
  test(`${what} is state ${state}${detail && ` (${detail})`}`, () => {
    const judged = judge({ pane, reading: heartbeat, health });
    assert.deepEqual([judged.state, judged.detail], [state, detail]);
  });
}

test("what is waited for shows only while waiting", () => {
  const waiting = { waitingFor: "permission" };
  assert.equal(
    judge({ pane: alive, reading: said(HeartbeatStatus.WAITING, waiting), health: "healthy" }).waitingFor,
    "permission",
  );
  assert.equal(judge({ pane: alive, reading: said(HeartbeatStatus.BUSY, waiting), health: "healthy" }).waitingFor, "");
  assert.equal(judge({ pane: dead, reading: said(HeartbeatStatus.WAITING, waiting), health: "healthy" }).waitingFor, "");
});

test("an ephemeral agent without a session was not started, and with a dead one it is dead", () => {
  const entry = { lifecycle: "ephemeral" } as const;
  const stateOf = (facts: Partial<StateFacts>) => {
    const { state, detail } = judge(facts);
    return [state, detail];
  };
  assert.deepEqual(stateOf({ entry }), [UNSPECIFIED, "not started"]);
  assert.deepEqual(stateOf({ entry, pane: dead }), [DEAD, "process ended"]);
  assert.deepEqual(stateOf({ entry: { lifecycle: "core" } }), [DEAD, "no session"]);
});

test("what does not move is wedged, unless there is a better word for it", () => {
  const busy = { reading: said(HeartbeatStatus.BUSY), health: "healthy", isWedged: true } as const;
  assert.equal(judge({ ...busy, pane: alive }).state, AgentState.WEDGED);
  assert.equal(judge({ ...busy, pane: dead }).state, DEAD);
  assert.equal(judge({ ...busy, pane: alive, health: "stale" }).state, UNSPECIFIED);
});
