import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { formatWorker, MosaicError } from "@mosaic/core";
import { aRoster, eventually } from "@mosaic/testkit";
import { runCli } from "../cli.ts";
import { agentJson, hostJson } from "../fleet/builders-for-tests.ts";
import { memoryIo } from "../io/memory-io.ts";
import { memoryRemote } from "../remote/memory-remote.ts";

// No server runs on it, and a command that only looks starts none.
const socketName = `mosaic-test-${process.pid}-roster`;
let home = "";
const [worker] = aRoster([{ name: "spare.lane-7", lifecycle: "ephemeral" }]).agents;

before(() => {
  home = mkdtempSync(join(tmpdir(), "mosaic roster-"));
  for (const folder of ["run", "workers"]) mkdirSync(`${home}/fleet/${folder}`, { recursive: true });
  writeRoster("fleet/roster.yaml", "lead");
  writeRoster("other.yaml", "coder0");
});
after(() => rmSync(home, { recursive: true, force: true }));

function writeRoster(path: string, agent: string): void {
  const head = `version: 1\ntransport: tmux\ntenant: team-a\nhost: alpha\ntmux:\n  socket_name: ${socketName}\n`;
  writeFileSync(join(home, path), `${head}agents:\n  - name: ${agent}\n    runtime: stub\n`);
}

const nodeSocket = () => `unix:${home}/fleet/run/node.sock`;

function start(line: string, servers: Parameters<typeof memoryRemote>[0] = {}) {
  const io = memoryIo({ env: { HOME: home, MOSAIC_HOME: home, XDG_RUNTIME_DIR: home } });
  const running = runCli(line.split(" "), io, { deps: { remote: memoryRemote(servers) } });
  return { io, running };
}

async function namesOf(line: string, servers: Parameters<typeof memoryRemote>[0] = {}) {
  const { io, running } = start(`${line} --json`, servers);
  await running;
  const { via, items } = JSON.parse(io.stdout.text) as { via: string; items: { name: string }[] };
  return { via, names: items.map((item) => item.name), stderr: io.stderr.text };
}

/** A process that looks like a node started with that roster, and answers as `memoryRemote` says. */
async function nodeWith(roster: string | undefined, context: TestContext) {
  const flags = roster === undefined ? [] : ["--roster", roster];
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e9)", "--", "mosaic-node", ...flags], { stdio: "ignore" });
  context.after(() => child.kill("SIGKILL"));
  await eventually("the process runs", () => spawnSync("cat", [`/proc/${child.pid}/cmdline`]).stdout.includes("mosaic-node"));
  writeFileSync(`${home}/fleet/run/node.json`, JSON.stringify({ role: "node", pid: child.pid }));
  context.after(() => rmSync(`${home}/fleet/run/node.json`));
  const List = () => ({ hosts: [hostJson("alpha", { via: [] })], agents: [agentJson("alpha", "told-by-the-node")] });
  return { [nodeSocket()]: { unary: { List } } };
}

test("a lane's worker is an agent, not a stranger, also without a node", async (context) => {
  assert.ok(worker);
  const path = `${home}/fleet/workers/${worker.name}.json`;
  context.after(() => rmSync(path, { force: true }));
  writeFileSync(path, formatWorker({ ...worker, lane: "lane-7" }));
  const { io, running } = start("fleet ps --json");
  await running;
  const found = JSON.parse(io.stdout.text).items.find((item: { name: string }) => item.name === worker.name);
  assert.deepEqual([found?.in_roster, found?.lane, found?.lifecycle], [true, "lane-7", "ephemeral"]);
  assert.equal(await start("agent status spare.lane-7").running, 0);
});

test("--watch without a node shows a worker as soon as its lane has it", async (context) => {
  assert.ok(worker);
  const path = `${home}/fleet/workers/${worker.name}.json`;
  context.after(() => rmSync(path, { force: true }));
  const { io, running } = start("fleet ps --watch --jsonl");
  context.after(() => io.interrupt(new MosaicError("CANCELLED", "interrupted")));
  await io.stdout.shows(/"type":"snapshot_end"/);
  writeFileSync(path, formatWorker({ ...worker, lane: "lane-7" }));
  await io.stdout.shows(/"type":"upsert",.*"name":"spare\.lane-7"/);
  io.interrupt(new MosaicError("CANCELLED", "interrupted"));
  assert.equal(await running, 130);
});

for (const command of ["fleet ps", "fleet status", "fleet verify", "agent status", "agent roster"]) {
  test(`${command} goes by the roster that --roster names, before or after its name`, async () => {
    assert.deepEqual((await namesOf(command)).names, ["lead"]);
    assert.deepEqual((await namesOf(`${command} --roster ~/other.yaml`)).names, ["coder0"]);
    assert.deepEqual((await namesOf(`--roster=~/other.yaml ${command}`)).names, ["coder0"]);
  });
}

test("a roster that is not there is told by its name", async () => {
  const { io, running } = start("fleet verify --roster ~/none.yaml");
  assert.equal(await running, 1);
  assert.match(io.stderr.text, /there is no roster at .*\/none\.yaml\n/);
});

test("a node that goes by the named roster is asked, one that goes by another is not", async (context) => {
  const servers = await nodeWith(`${home}/other.yaml`, context);
  assert.deepEqual(await namesOf("fleet status --roster ~/other.yaml", servers), {
    ...{ via: "node", names: ["told-by-the-node"], stderr: "" },
  });
  assert.deepEqual(await namesOf("fleet status --roster ~/fleet/roster.yaml", servers), {
    ...{ via: "direct", names: ["lead"] },
    stderr: `mosaic: the node of this host goes by another roster, ${home}/other.yaml; looked at this host directly\n`,
  });
  assert.equal((await namesOf("agent status --roster ~/fleet/roster.yaml", servers)).via, "direct");
  assert.equal((await namesOf("fleet status", servers)).via, "node", "without the flag it is the node's own");
  const watching = start("fleet ps --watch --jsonl --roster ~/fleet/roster.yaml", servers);
  context.after(() => watching.io.interrupt(new MosaicError("CANCELLED", "interrupted")));
  await watching.io.stdout.shows(/"via":"direct"/);
  assert.match(watching.io.stderr.text, /goes by another roster/);
  watching.io.interrupt(new MosaicError("CANCELLED", "interrupted"));
  await watching.running;
});

test("a node that was started without a roster goes by that of its home", async (context) => {
  const servers = await nodeWith(undefined, context);
  assert.equal((await namesOf("fleet ps --roster ~/fleet/roster.yaml", servers)).via, "node");
  assert.equal((await namesOf("fleet ps --roster ~/other.yaml", servers)).via, "direct");
});

test("the record of a node that is gone is nobody's roster", async (context) => {
  writeFileSync(`${home}/fleet/run/node.json`, JSON.stringify({ role: "node", pid: process.pid }));
  context.after(() => rmSync(`${home}/fleet/run/node.json`));
  assert.deepEqual(await namesOf("fleet ps --roster ~/other.yaml"), { via: "direct", names: ["coder0"], stderr: "" });
});

test("what others answer is not judged by a roster that is named here", async () => {
  for (const line of ["fleet verify --all-hosts --roster x.yaml", "fleet ps --endpoint unix:/x.sock --roster x.yaml"]) {
    const { io, running } = start(line);
    assert.equal(await running, 2);
    assert.match(io.stderr.text, /^mosaic: --roster is the roster of this host alone, and --(all-hosts|endpoint) /);
  }
});
