import assert from "node:assert/strict";
import { test } from "node:test";
import { aHostStatus, anAgent, ownDigest, pick, seededRandom } from "@mosaic/testkit";
import { type FleetChange, FleetState } from "./fleet-state.ts";
import { agentKeyOf, hostKeyMessage, hostKeyOf, rowKeyOf } from "./keys.ts";

const hosts = [aHostStatus(), aHostStatus({ host: "beta" }), aHostStatus({ tenantId: "team-b", host: "alpha" })];
const host = (status: (typeof hosts)[number]): FleetChange => ({ kind: "host", status });
const upsert = (name: string, of = hosts[0]): FleetChange => ({
  kind: "upsert",
  row: anAgent({ tenantId: of?.tenantId ?? "", host: of?.host ?? "", name }),
});

test("rows of a host that was never announced are dropped", () => {
  const state = new FleetState();
  state.apply(upsert("lead"), 1n);
  assert.deepEqual([state.rowCount, state.digest, state.rows().length], [0, 0n, 0]);
});

test("a host that leaves takes its rows and their part of the digest with it", () => {
  const state = new FleetState();
  const [alpha, beta] = hosts;
  assert.ok(alpha && beta);
  for (const change of [host(alpha), host(beta), upsert("lead"), upsert("lead", beta)]) state.apply(change, 1n);
  state.apply({ kind: "host-removed", key: hostKeyMessage(alpha) }, 2n);
  assert.deepEqual([state.hostCount, state.rowCount], [1, 1]);
  assert.equal(state.digest, ownDigest(state.rows()));
});

test("a status replaces a host's status and keeps its rows", () => {
  const state = new FleetState();
  const [alpha] = hosts;
  assert.ok(alpha);
  for (const change of [host(alpha), upsert("lead"), host(aHostStatus({ detail: "news" }))]) state.apply(change, 1n);
  assert.equal(state.host(alpha)?.detail, "news");
  assert.equal(state.rowCountOf(alpha), 1);
});

test("hosts and rows come out ordered by tenant, host and name, whatever order they came in", () => {
  const state = new FleetState();
  for (const status of hosts.toReversed()) state.apply(host(status), 1n);
  for (const of of hosts.toReversed()) for (const name of ["z", "a-1", "A", "a"]) state.apply(upsert(name, of), 2n);
  const names = state.rows().map(({ row }) => `${row.tenantId}/${row.host}/${row.name}`);
  assert.deepEqual(names, [...names].sort());
  assert.deepEqual(
    state.hosts().map((one) => `${one.tenantId}/${one.host}`),
    ["team-a/alpha", "team-a/beta", "team-b/alpha"],
  );
});

test("the order is right after any series of hosts that come, go and change their names, whenever it is asked for", () => {
  const random = seededRandom(7);
  const state = new FleetState();
  const named = new Map<string, string>();
  for (let rev = 1n; rev <= 2000n; rev += 1n) {
    const hostId = `id-${Math.floor(random() * 30)}`;
    const name = `h${Math.floor(random() * 100)}`;
    const isRemoval = random() < 0.4;
    const status = aHostStatus({ hostId, host: isRemoval ? (named.get(hostId) ?? name) : name });
    state.apply(isRemoval ? { kind: "host-removed", key: hostKeyMessage(status) } : host(status), rev);
    if (isRemoval) named.delete(hostId);
    else {
      named.set(hostId, name);
      state.apply({ kind: "upsert", row: anAgent({ hostId, host: name, name: "lead" }) }, rev);
    }
    if (random() < 0.2) continue;
    const expected = [...named].map(([id, each]) => `${each} ${id}`).sort();
    assert.deepEqual(
      state.hosts().map((one) => `${one.host} ${one.hostId}`),
      expected,
    );
    assert.deepEqual(
      state.rows().map(({ row }) => row.hostId),
      state
        .hosts()
        .filter((one) => state.rowCountOf(one) > 0)
        .map((one) => one.hostId),
    );
  }
});

test("a status that is news leaves the list of rows as it is, and a row that is news that of hosts", () => {
  const state = new FleetState();
  const [alpha] = hosts;
  assert.ok(alpha);
  for (const change of [host(alpha), upsert("lead")]) state.apply(change, 1n);
  const [agents, statuses] = [state.agents(), state.hosts()];
  state.apply(host(aHostStatus({ detail: "news" })), 2n);
  assert.equal(state.agents(), agents, "its bytes are kept with it");
  assert.notEqual(state.hosts(), statuses);
  const now = state.hosts();
  state.apply(upsert("second"), 3n);
  assert.equal(state.hosts(), now);
  assert.notEqual(state.agents(), agents);
});

test("counts and digest equal a recomputation after any series of changes", () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const random = seededRandom(seed);
    const state = new FleetState();
    const expected = new Map<string, Map<string, bigint>>();
    for (let rev = 1n; rev <= 200n; rev += 1n) {
      const change = randomChange(random);
      state.apply(change, rev);
      applyPlainly(expected, change, rev);
    }
    const rows = state.rows();
    const counted = [...expected.values()].reduce((sum, of) => sum + of.size, 0);
    assert.deepEqual([state.hostCount, state.rowCount, rows.length], [expected.size, counted, counted], `seed ${seed}`);
    assert.equal(state.digest, ownDigest(rows), `seed ${seed}`);
    for (const { row, rev } of rows) assert.equal(expected.get(hostKeyOf(row))?.get(rowKeyOf(row)), rev, `seed ${seed}`);
  }
});

function randomChange(random: () => number): FleetChange {
  const status = pick(hosts, random);
  const row = anAgent({ tenantId: status.tenantId, host: status.host, name: pick(["a", "b", "c", "d"], random) });
  const kind = random();
  if (kind < 0.5) return { kind: "upsert", row };
  if (kind < 0.7) return { kind: "delete", key: agentKeyOf(row) };
  return kind < 0.9 ? { kind: "host", status } : { kind: "host-removed", key: hostKeyMessage(status) };
}

// The same in plain maps.
function applyPlainly(expected: Map<string, Map<string, bigint>>, change: FleetChange, rev: bigint): void {
  if (change.kind === "host") {
    if (!expected.has(hostKeyOf(change.status))) expected.set(hostKeyOf(change.status), new Map());
  } else if (change.kind === "host-removed") expected.delete(hostKeyOf(change.key));
  else if (change.kind === "upsert") expected.get(hostKeyOf(change.row))?.set(rowKeyOf(change.row), rev);
  else expected.get(hostKeyOf({ ...change.key, host: "" }))?.delete(rowKeyOf(change.key));
}
