import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError, silentLog } from "@mosaic/core";
import { FakeFiles, settle } from "@mosaic/testkit";
import { openRoster } from "./roster-source.ts";

const PATH = "/home/ada/.mosaic/fleet/roster.yaml";
const WORKERS = "/home/ada/.mosaic/fleet/workers";
const options = { path: PATH, workersDirectory: WORKERS, defaultTenant: "ada", defaultHost: "atlas" };
const roster = (fields: object = {}) =>
  JSON.stringify({ version: 1, transport: "tmux", agents: [{ name: "lead", runtime: "stub" }], ...fields });
const isInvalid = (thrown: unknown) => thrown instanceof MosaicError && thrown.code === "ROSTER_INVALID";

async function opened() {
  const files = new FakeFiles();
  files.write(PATH, roster());
  return { files, source: await openRoster(files, silentLog, options, () => {}) };
}

test("a roster that names nobody's tenant or host gets the defaults", async () => {
  const { source } = await opened();
  assert.deepEqual([source.value.tenantId, source.value.host], ["ada", "atlas"]);
});

test("without a good roster to begin with there is no node, and it is said what to do", async () => {
  const files = new FakeFiles();
  await assert.rejects(
    openRoster(files, silentLog, options, () => {}),
    (thrown) => isInvalid(thrown) && /fleet init/.test((thrown as MosaicError).hint ?? ""),
  );
  for (const text of ["", "version: 2", roster({ agents: [] }), "x".repeat(2_000_000)]) {
    files.write(PATH, text);
    await assert.rejects(
      openRoster(files, silentLog, options, () => {}),
      text.slice(0, 20),
    );
  }
});

test("agents may come and go while the node runs", async () => {
  const { files, source } = await opened();
  files.write(PATH, roster({ agents: [{ name: "coder0", runtime: "stub" }] }));
  await settle();
  assert.deepEqual([source.value.agents.map((agent) => agent.name), source.problem], [["coder0"], undefined]);
});

test("who the node is may not change while it runs: the last good roster stays, and it is said why", async () => {
  for (const change of [{ tenant: "bob" }, { host: "other" }, { tmux: { socket_name: "other" } }]) {
    const { files, source } = await opened();
    files.write(PATH, roster({ ...change, agents: [{ name: "coder0", runtime: "stub" }] }));
    await settle();
    assert.deepEqual(
      source.value.agents.map((agent) => agent.name),
      ["lead"],
    );
    assert.match(source.problem?.message ?? "", /while the node runs/);
    assert.match(source.problem?.hint ?? "", /restart/);
    files.write(PATH, roster());
    await settle();
    assert.equal(source.problem, undefined);
  }
});

test("a roster gone bad is a problem that names what is wrong, and the last good one stays", async () => {
  const { files, source } = await opened();
  files.write(PATH, roster({ agents: [{ name: "lead", runtime: "nonesuch" }] }));
  await settle();
  assert.ok(isInvalid(source.problem));
  assert.match(source.problem?.message ?? "", /runtime/);
  assert.equal(source.value.agents[0]?.runtime, "stub");
});

test("a worker of a lane joins the roster when it is written down, and leaves it with its file", async () => {
  const { files, source } = await opened();
  const [lead] = source.value.agents;
  const worker = { ...lead, name: "lead.l1", lifecycle: "ephemeral", lane: "l1" };
  files.write(`${WORKERS}/lead.l1.json`, JSON.stringify(worker));
  files.write(`${WORKERS}/torn.json`, '{"name":');
  await settle();
  assert.deepEqual(
    source.value.agents.map((agent) => [agent.name, agent.lane]),
    [
      ["lead", undefined],
      ["lead.l1", "l1"],
    ],
  );
  files.remove(`${WORKERS}/lead.l1.json`);
  await settle();
  assert.equal(source.value.agents.length, 1);
});
