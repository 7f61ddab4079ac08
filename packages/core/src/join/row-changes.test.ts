import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { aHostStatus, anAgent } from "@mosaic/testkit";
import { type Agent, AgentSchema, AgentState, PaneSchema } from "@mosaic/wire";
import { FleetState } from "../watch/fleet-state.ts";
import { rowChanges } from "./row-changes.ts";

const active = (lastActivityUnixMs: number, fields: Partial<Agent> = {}) =>
  create(AgentSchema, {
    ...anAgent(),
    pane: create(PaneSchema, { paneId: "%1", alive: true, lastActivityUnixMs: BigInt(lastActivityUnixMs) }),
    ...fields,
  });

function stateOf(...rows: Agent[]): FleetState {
  const state = new FleetState();
  state.apply({ kind: "host", status: aHostStatus() }, 1n);
  for (const row of rows) state.apply({ kind: "upsert", row }, 2n);
  return state;
}

const changes = (before: readonly Agent[], after: readonly Agent[]) =>
  rowChanges(stateOf(...before), aHostStatus(), after).map((change) =>
    change.kind === "upsert" ? `+${change.row.name}` : change.kind === "delete" ? `-${change.key.name}` : change.kind,
  );

test("equal rows are no change, also when they are other objects", () => {
  assert.deepEqual(changes([anAgent(), active(5)], [anAgent(), active(5)].slice(1)), []);
});

test("what is gone is deleted before what changed is sent", () => {
  const before = [anAgent({ name: "gone" }), anAgent({ name: "stays" }), anAgent({ name: "changes" })];
  const after = [anAgent({ name: "changes", state: AgentState.FAILED }), anAgent({ name: "stays" }), anAgent({ name: "new" })];
  assert.deepEqual(changes(before, after), ["-gone", "+changes", "+new"]);
});

test("activity alone is worth a change from 5 s on, and adds up", () => {
  assert.deepEqual(changes([active(1000)], [active(5999)]), []);
  assert.deepEqual(changes([active(1000)], [active(6000)]), ["+lead"]);
  const state = stateOf(active(0));
  let sent = 0;
  for (let atMs = 1000; atMs <= 60_000; atMs += 1000) {
    for (const change of rowChanges(state, aHostStatus(), [active(atMs)])) {
      state.apply(change, 3n);
      sent += 1;
    }
  }
  assert.equal(sent, 12, "once per 5 s of a busy minute");
});

test("activity that went back is a change: the clock was set", () => {
  assert.deepEqual(changes([active(9000)], [active(8999)]), ["+lead"]);
});

test("anything else that changes is a change at once, whatever the activity", () => {
  assert.deepEqual(changes([active(1000)], [active(1001, { stateDetail: "news" })]), ["+lead"]);
  assert.deepEqual(changes([active(1000)], [anAgent()]), ["+lead"], "the pane went");
  assert.deepEqual(changes([anAgent()], [active(1000)]), ["+lead"], "a pane came");
});
