import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { runCli } from "../cli.ts";
import { memoryIo } from "../io/memory-io.ts";
import { memoryRemote } from "../remote/memory-remote.ts";

const socketName = `mosaic-test-${process.pid}-direct`;
const tmux = (...words: string[]) => execFileSync("tmux", ["-L", socketName, "-f", "/dev/null", ...words]);
let home = "";

before(() => {
  home = mkdtempSync(join(tmpdir(), "mosaic-direct-"));
  mkdirSync(`${home}/fleet/run`, { recursive: true });
  const agents = ["lead", "ghost"].map((name) => `  - name: ${name}\n    runtime: stub\n    class: canary\n`).join("");
  const head = `version: 1\ntransport: tmux\ntenant: team-a\nhost: alpha\ntmux:\n  socket_name: ${socketName}\nagents:\n`;
  writeFileSync(`${home}/fleet/roster.yaml`, head + agents);
  writeFileSync(`${home}/fleet/run/lead.hb`, `ts=${new Date().toISOString()}\npid=${process.pid}\nstatus=busy\n`);
  for (const session of ["_holder", "lead", "scratch"]) tmux("new-session", "-d", "-s", session, "sleep 300");
});

after(() => {
  // Nothing to say when a test has ended the server already.
  spawnSync("tmux", ["-L", socketName, "kill-server"]);
  rmSync(`${process.env["TMUX_TMPDIR"] ?? "/tmp"}/tmux-${process.getuid?.()}/${socketName}`, { force: true });
  rmSync(home, { recursive: true, force: true });
});

async function ps(...words: string[]) {
  // Whatever systemd the machine has keeps other agents.
  const io = memoryIo({ env: { MOSAIC_HOME: home, XDG_RUNTIME_DIR: home } });
  const exitCode = await runCli(["fleet", "ps", ...words], io);
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text };
}

test("without a node the command looks at the host itself, and says so", async () => {
  const { exitCode, stdout, stderr } = await ps("--json");
  assert.deepEqual([exitCode, stderr], [0, ""]);
  const answer = JSON.parse(stdout);
  assert.deepEqual([answer.via, answer.complete, answer.scope], ["direct", true, { tenants: ["team-a"] }]);
  const [host] = answer.hosts;
  assert.deepEqual([host.host, host.host_id, host.state, host.age_ms, host.agent_count], ["alpha", "", "LIVE", 0, 3]);
  const told = answer.items.map((item: Record<string, unknown>) => [
    item["name"],
    item["state"],
    item["in_roster"],
    item["pane"] !== null,
  ]);
  assert.deepEqual(told, [
    ["ghost", "dead", true, false],
    ["lead", "working", true, true],
    ["scratch", "unknown", false, true],
  ]);
  const lead = answer.items[1];
  assert.deepEqual([lead.heartbeat.evidence, lead.heartbeat.status, lead.drift], ["file", "busy", "sleep"]);
});

test("the table says via: direct", async () => {
  const { stdout } = await ps();
  assert.match(stdout, /^team-a {2}alpha {2}scratch +- +unknown +none +none +\d+ +\d+s +ORPHAN/m);
  assert.match(stdout, /\n3 agents on 1 of 1 host\. via: direct \(without a node\)\.\n$/);
});

test("the id that the node once made is told", async () => {
  const id = "0197a3f0-0000-7000-8000-000000000000";
  writeFileSync(`${home}/fleet/host_id`, `${id}\n`);
  assert.equal(JSON.parse((await ps("--json")).stdout).items[0].host_id, id);
  rmSync(`${home}/fleet/host_id`);
});

test("a node that hangs is reported, and looked past", async () => {
  const io = memoryIo({ env: { MOSAIC_HOME: home, XDG_RUNTIME_DIR: home } });
  const late = () => Promise.reject(new MosaicError("DEADLINE", "no answer within 5000 ms"));
  const remote = memoryRemote({ [`unix:${home}/fleet/run/node.sock`]: { unary: { List: late } } });
  assert.equal(await runCli(["fleet", "ps", "--json"], io, { deps: { remote } }), 0);
  assert.equal(JSON.parse(io.stdout.text).via, "direct");
  assert.equal(io.stderr.text, "mosaic: no answer within 5000 ms; looked at this host directly\n");
});

test("a selection that this host is not in is refused", async () => {
  const { exitCode, stderr } = await ps("--host", "alpa");
  assert.deepEqual([exitCode, stderr], [2, 'mosaic: no host "alpa" in this fleet\nhint: did you mean alpha?\n']);
});

test("--watch without a node follows the host by itself", async () => {
  const io = memoryIo({ env: { MOSAIC_HOME: home, XDG_RUNTIME_DIR: home } });
  const running = runCli(["fleet", "ps", "--watch", "--jsonl"], io);
  await io.stdout.shows(/"type":"snapshot_end","via":"direct","host_count":1,"item_count":3/);
  tmux("new-session", "-d", "-s", "newcomer", "sleep 300");
  await io.stdout.shows(/"type":"upsert","tenant_id":"team-a","host":"alpha","host_id":"","name":"newcomer"/);
  tmux("kill-session", "-t", "=newcomer");
  await io.stdout.shows(/"type":"delete","tenant_id":"team-a","host_id":"","name":"newcomer"/);
  io.interrupt(new MosaicError("CANCELLED", "interrupted"));
  assert.equal(await running, 130);
});

test("a roster that can't be used is told with file and line", async () => {
  const broken = mkdtempSync(join(tmpdir(), "mosaic-direct-"));
  mkdirSync(`${broken}/fleet`);
  writeFileSync(`${broken}/fleet/roster.yaml`, "version: 1\ntransport: tmux\nagents: []\n");
  const { exitCode, stderr } = await ps("--mosaic-home", broken);
  rmSync(broken, { recursive: true });
  assert.equal(exitCode, 1);
  assert.match(stderr, /^mosaic: .*roster\.yaml:3:\d+: agents/);
});
