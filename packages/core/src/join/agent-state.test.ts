import assert from "node:assert/strict";
import { test } from "node:test";
import { aPane, aReading } from "@mosaic/testkit";
import { AgentState, Evidence, HeartbeatStatus } from "@mosaic/wire";
import type { PaneFacts } from "../ports/terminal-server.ts";
import { type HeartbeatHealthName, judgeState } from "./agent-state.ts";
import type { HeartbeatReading } from "./heartbeat-reading.ts";

const alive = aPane();
const dead = aPane({ isDead: true });
const said = (status: HeartbeatStatus, fields: Partial<HeartbeatReading> = {}) => aReading({ status, ...fields });
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
    const judged = judgeState(pane, heartbeat, health);
    assert.deepEqual([judged.state, judged.detail], [state, detail]);
  });
}

test("what is waited for shows only while waiting", () => {
  const waiting = { waitingFor: "permission" };
  assert.equal(judgeState(alive, said(HeartbeatStatus.WAITING, waiting), "healthy").waitingFor, "permission");
  assert.equal(judgeState(alive, said(HeartbeatStatus.BUSY, waiting), "healthy").waitingFor, "");
  assert.equal(judgeState(dead, said(HeartbeatStatus.WAITING, waiting), "healthy").waitingFor, "");
});
