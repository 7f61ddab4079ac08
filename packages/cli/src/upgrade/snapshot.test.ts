import assert from "node:assert/strict";
import { test } from "node:test";
import { type Snapshot, snapshotText, startedAnew, whatIsWorse } from "./snapshot.ts";

const sound: Snapshot = {
  daemons: [
    { role: "node", answers: true, version: "1.0.0", pid: 10 },
    { role: "aggregator", answers: false, version: "", pid: null },
  ],
  hosts: [{ host: "alpha", state: "LIVE" }],
  agents: [
    { name: "lead", live: true, why: "", pid: 21 },
    { name: "coder", live: false, why: "its pane is dead", pid: null },
  ],
  conditions: ["DRIFT"],
  mesh: null,
  problem: "",
};
const upgraded: Snapshot = { ...sound, daemons: [{ role: "node", answers: true, version: "1.1.0", pid: 11 }] };

const TO_NEW = { version: "1.1.0", roles: ["node"] } as const;

test("a host that stands as before is not worse, and neither is what was bad before", () => {
  assert.deepEqual(whatIsWorse(sound, upgraded, TO_NEW), []);
});

test("a daemon that does not answer any more is worse, and so is one that runs on with the old version", () => {
  const silent = { ...sound, daemons: [{ role: "node", answers: false, version: "", pid: null } as const] };
  assert.deepEqual(whatIsWorse(sound, silent, TO_NEW), ["mosaic-node does not answer"]);
  assert.deepEqual(whatIsWorse(sound, sound, TO_NEW), ["mosaic-node still runs 1.0.0"]);
  assert.deepEqual(whatIsWorse(sound, sound, { version: "1.1.0", roles: [] }), []);
});

test("a host that is not LIVE any more, an agent that is not live, and what the host did not say before are worse", () => {
  const after = {
    ...upgraded,
    hosts: [{ host: "alpha", state: "STALE" }],
    agents: [{ name: "coder", live: false, why: "its pane is dead", pid: null }],
    conditions: ["DRIFT", "STORE_REFUSED"],
  };
  assert.deepEqual(whatIsWorse(sound, after, TO_NEW), [
    "host alpha was LIVE and is STALE",
    "agent lead was live and is not: nobody names it any more",
    "this host says STORE_REFUSED, and did not before",
  ]);
});

test("that nobody can tell is worse only where somebody could before", () => {
  const untold = { ...upgraded, hosts: [], agents: [], conditions: [], problem: "there is no roster" };
  assert.deepEqual(whatIsWorse(sound, untold, TO_NEW), ["nobody can tell how this host stands: there is no roster"]);
  assert.deepEqual(whatIsWorse({ ...sound, problem: "there is no roster" }, untold, TO_NEW), []);
});

test("of a large fleet one host in twenty may be missing, of a small one none", () => {
  const fleet = (live: number): Snapshot => ({ ...upgraded, mesh: { live, total: 100 } });
  assert.deepEqual(whatIsWorse(fleet(100), fleet(95), TO_NEW), []);
  assert.deepEqual(whatIsWorse(fleet(100), fleet(94), TO_NEW), ["6 of 100 hosts of the fleet are not LIVE any more"]);
  assert.deepEqual(whatIsWorse(fleet(3), fleet(2), TO_NEW), ["1 of 3 hosts of the fleet are not LIVE any more"]);
});

test("agents with another process are named, and a snapshot is one line", () => {
  const again = { ...upgraded, agents: [{ name: "lead", live: true, why: "", pid: 22 }] };
  assert.deepEqual(startedAnew(sound, again), ["lead"]);
  assert.deepEqual(startedAnew(sound, upgraded), []);
  assert.equal(snapshotText(sound), "node 1.0.0 answers; host alpha LIVE; 1 of 2 agents live");
});
