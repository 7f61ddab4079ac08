import assert from "node:assert/strict";
import { test } from "node:test";
import { type LivenessFacts, whyNotLive } from "./liveness.ts";

const live: LivenessFacts = {
  inRoster: true,
  state: "working",
  lastState: "",
  stateDetail: "",
  runtime: "claude",
  drift: undefined,
  pane: { isAlive: true },
  heartbeat: { health: "healthy", evidence: "hook", ageMs: 2000 },
  unit: { active: "active", sub: "running", result: "success" },
};

const kind = (facts: Partial<LivenessFacts>) => whyNotLive({ ...live, ...facts })?.kind;
const message = (facts: Partial<LivenessFacts>) => whyNotLive({ ...live, ...facts })?.message;

test("a living pane with a heartbeat in time is live, whatever the agent does", () => {
  for (const state of ["working", "ready", "idle", "waiting", "unknown", "a_state_of_tomorrow"])
    assert.equal(whyNotLive({ ...live, state }), undefined, state);
});

test("every evidence counts, a sidecar's too; evidence of nothing does not", () => {
  for (const evidence of ["hook", "file", "sidecar", "screen"])
    assert.equal(kind({ heartbeat: { health: "healthy", evidence, ageMs: 0 } }), undefined, evidence);
  assert.equal(kind({ heartbeat: { health: "healthy", evidence: "none", ageMs: 0 } }), "no-heartbeat");
});

test("systemd is not needed for life", () => {
  assert.equal(kind({ unit: undefined }), undefined);
  assert.equal(kind({ unit: { active: "inactive", sub: "dead", result: "success" } }), undefined);
});

test("active (exited) is not life", () => {
  const unit = { active: "active", sub: "exited", result: "success" };
  assert.equal(message({ pane: undefined, unit }), "no session, although its unit is active (exited)");
  const ended = { pane: { isAlive: false }, unit, state: "dead", stateDetail: "exited with 0" };
  assert.equal(message(ended), "exited with 0, although its unit is active (exited)");
  assert.equal(kind(ended), "process-ended");
  assert.equal(kind({ unit, heartbeat: undefined }), "no-heartbeat");
});

test("nothing that only looks alive is live: a fresh heartbeat without a pane, a pane without one", () => {
  assert.equal(kind({ pane: undefined }), "no-session");
  assert.equal(kind({ pane: { isAlive: false } }), "process-ended");
  assert.equal(kind({ heartbeat: undefined }), "no-heartbeat");
});

test("a dead agent is not live even if its pane seems to be", () => {
  assert.equal(kind({ state: "dead" }), "process-ended");
  assert.equal(message({ state: "dead" }), "its process ended, although its unit is active (running)");
});

test("what systemd makes of a death is told with it", () => {
  const gone = { pane: undefined, unit: { active: "failed", sub: "failed", result: "start-limit-hit" } };
  assert.equal(message(gone), "no session; its unit is failed (failed): start-limit-hit");
  const coming = { pane: undefined, unit: { active: "activating", sub: "auto-restart", result: "exit-code" } };
  assert.equal(message(coming), "no session; its unit is activating (auto-restart)");
  assert.equal(message({ pane: undefined, unit: { active: "inactive", sub: "dead", result: "" } }), "no session");
  assert.equal(message({ pane: undefined, unit: { active: "failed", sub: "", result: "" } }), "no session; its unit is failed");
  const ending = { pane: undefined, unit: { active: "deactivating", sub: "stop", result: "success" } };
  assert.equal(message(ending), "no session; its unit is deactivating (stop)");
  assert.equal(message({ pane: undefined, unit: { active: "", sub: "", result: "" } }), "no session");
});

test("another program in the pane is not the agent, however well it beats", () => {
  assert.deepEqual(whyNotLive({ ...live, drift: "bash" }), { kind: "drift", message: "runs bash instead of claude" });
});

test("failed and wedged agents are not live, and say why", () => {
  assert.equal(kind({ state: "failed" }), "failed");
  assert.equal(message({ state: "failed", stateDetail: "rate limit" }), "its last turn failed: rate limit");
  assert.equal(kind({ state: "wedged" }), "wedged");
  assert.equal(message({ state: "wedged" }), "its work does not move");
});

test("a heartbeat that is late, from the future or not understood does not count", () => {
  const beat = (health: string, ageMs?: number) => ({ heartbeat: { health, evidence: "file", ageMs } });
  assert.equal(kind(beat("stale", 90_500)), "heartbeat-stale");
  assert.equal(message(beat("stale", 90_500)), "its last heartbeat (file) is 90 s old and is overdue");
  assert.equal(message(beat("stale")), "its last heartbeat (file) is overdue");
  assert.equal(kind(beat("clock-skew")), "clock-skew");
  assert.equal(kind(beat("clock_skew")), "clock-skew");
  assert.equal(kind(beat("unknown")), "heartbeat-unknown");
  assert.equal(kind(beat("")), "heartbeat-unknown");
  assert.equal(message(beat("7")), "its heartbeat can't be judged (7)");
});

test("what was last heard of a lost host proves nothing", () => {
  assert.equal(kind({ state: "STALE", lastState: "working" }), "host-lost");
  const told = "its host can't be vouched for now";
  assert.equal(message({ state: "STALE", lastState: "working" }), `${told}; it was working when last seen`);
  assert.equal(message({ state: "STALE", lastState: "unknown" }), told);
  assert.equal(kind({ state: "STALE", pane: undefined, inRoster: false }), "host-lost");
});

test("a session that no roster names is nobody's agent", () => {
  assert.equal(kind({ inRoster: false }), "not-in-roster");
});

test("the most telling reason comes first: a dead pane before its late heartbeat, drift before what it says", () => {
  const late = { health: "stale", evidence: "hook", ageMs: 1e6 };
  assert.equal(kind({ pane: { isAlive: false }, heartbeat: late }), "process-ended");
  assert.equal(kind({ drift: "bash", heartbeat: late }), "drift");
  assert.equal(kind({ state: "failed", heartbeat: undefined }), "failed");
});
