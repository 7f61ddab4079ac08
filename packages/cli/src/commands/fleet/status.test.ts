import assert from "node:assert/strict";
import { test } from "node:test";
import type { ListResponseJson } from "@mosaic/wire";
import { runCli } from "../../cli.ts";
import { agentJson, ago, hostJson } from "../../fleet/builders-for-tests.ts";
import { memoryIo } from "../../io/memory-io.ts";
import { memoryRemote } from "../../remote/memory-remote.ts";

const NODE = "unix:/home/ada/.config/mosaic/fleet/run/node.sock";

async function status(line: string, reply: ListResponseJson) {
  const io = memoryIo();
  const remote = memoryRemote({ [NODE]: { unary: { List: () => reply } } });
  const exitCode = await runCli(["fleet", "status", ...line.split(" ").filter(Boolean)], io, { deps: { remote } });
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text, calls: remote.calls };
}

const unit = { unit: "mosaic-agent@lead.service", active: "active", enabled: "enabled", sub: "running", result: "success" };
const lead = agentJson("alpha", "lead", {
  systemd: { ...unit, restarts: 2 },
  conditions: [{ type: "BOOT_ENABLE", message: "it would not come back", sinceUnixMs: ago(61_000) }],
});
const gone = agentJson("alpha", "coder0", {
  state: "AGENT_STATE_DEAD",
  stateDetail: "exited with 1",
  systemd: { unit: "mosaic-agent@coder0.service", active: "active", sub: "exited", enabled: "disabled" },
  pane: { paneId: "%2", session: "coder0", alive: false, exitStatus: 1 },
});
const whole: ListResponseJson = { hosts: [hostJson("alpha", { via: [] })], agents: [gone, lead] };

test("every plane of an agent is shown, then its conditions in words, then what to type next", async () => {
  const { exitCode, stdout } = await status("lead", whole);
  assert.equal(exitCode, 0);
  assert.deepEqual(stdout.split("\n"), [
    "team-a/alpha/lead  working  claude, orchestrator, core",
    "  systemd    mosaic-agent@lead.service: active (running), enabled, last result success, 2 restarts",
    "  pane       alive, %1 of session lead, pid 4121, claude, idle 0s",
    "  heartbeat  healthy, hook 2s ago, every 15s, says busy",
    "  BOOT_ENABLE  it would not come back (for 1m)",
    "",
    "1 agent, 1 live.",
    "",
  ]);
});

test("an agent that is not live says why", async () => {
  const { exitCode, stdout } = await status("coder0", whole);
  assert.equal(exitCode, 0);
  assert.match(stdout, /^ {2}pane {7}dead, %2 of session coder0, exited with 1$/m);
  assert.match(stdout, /^ {2}not live {3}exited with 1, although its unit is active \(exited\)$/m);
  assert.match(stdout, /^ {2}next {7}mosaic fleet restart coder0$/m);
  assert.match(stdout, /\n1 agent, 0 live\.\n$/);
});

test("without names it is every agent of this host, as its node tells it", async () => {
  const { stdout, calls } = await status("", whole);
  assert.match(stdout, /\n2 agents, 1 live\.\n$/);
  assert.deepEqual(
    calls.map((call) => call.endpoint),
    [NODE],
  );
});

test("an agent of which little is known is shown with what is not known", async () => {
  const bare = { tenantId: "team-a", host: "alpha", hostId: "id-alpha", name: "scratch" };
  const { stdout } = await status("", { hosts: [hostJson("alpha")], agents: [bare] });
  assert.match(stdout, /^team-a\/alpha\/scratch {2}unknown {2}not in the roster$/m);
  assert.match(
    stdout,
    /^ {2}pane {7}no session of its name\n {2}heartbeat {2}none yet\n {2}not live {3}the roster does not name it$/m,
  );
});

test("what a host has to say for itself stands below", async () => {
  const conditions = [{ type: "ROSTER_INVALID", message: "roster.yaml:3:1: no" }];
  const { stdout } = await status("", { ...whole, hosts: [hostJson("alpha", { conditions })] });
  assert.match(stdout, /^host team-a\/alpha: LIVE: ROSTER_INVALID: roster\.yaml:3:1: no$/m);
});

test("text from an agent can't act on the terminal", async () => {
  const evil = agentJson("alpha", "lead", { state: "AGENT_STATE_WAITING", waitingFor: "\x1b[2J", stateDetail: "a\nb" });
  const { stdout } = await status("", { ...whole, agents: [evil] });
  assert.ok(!stdout.includes("\x1b"));
  assert.match(stdout, /waiting \(\\x1b\[2J: a\\nb\)/);
  assert.match(stdout, /^ {2}next {7}mosaic agent attach team-a\/alpha\/lead$/m);
});

test("the fields of mosaic.fleet.status/1", async () => {
  const answer = JSON.parse((await status("coder0 --json", whole)).stdout);
  assert.deepEqual(Object.keys(answer), ["schema", "complete", "scope", "via", "hosts", "items"]);
  assert.deepEqual([answer.schema, answer.complete, answer.via], ["mosaic.fleet.status/1", true, "node"]);
  const [item] = answer.items;
  for (const field of ["tenant_id", "host", "host_id", "name", "runtime", "class", "state", "drift", "conditions", "lane"])
    assert.ok(field in item, field);
  const { systemd, pane, heartbeat } = item;
  const own = { unit: "mosaic-agent@coder0.service", active: "active", enabled: "disabled", sub: "exited" };
  assert.deepEqual(systemd, { ...own, result: "", restarts: 0 });
  assert.deepEqual(
    [pane.alive, pane.session, pane.pane_id, pane.exit_status, pane.columns, pane.rows],
    [false, "coder0", "%2", 1, 0, 0],
  );
  assert.deepEqual([heartbeat.interval_ms, heartbeat.pid, heartbeat.turn_id], [15_000, null, ""]);
  assert.deepEqual(
    [item.live, item.why, item.next],
    [false, "exited with 1, although its unit is active (exited)", "mosaic fleet restart coder0"],
  );
});

test("an unknown name is an error that lists near ones", async () => {
  const { exitCode, stdout, stderr } = await status("laed", whole);
  assert.deepEqual([exitCode, stdout], [1, ""]);
  assert.match(stderr, /no agent "laed".*\nhint: did you mean team-a\/alpha\/lead\?\n$/);
  assert.equal((await status("a/b/c/d", whole)).exitCode, 2);
});

test("without a node it looks at the host itself", async () => {
  const io = memoryIo({ env: { MOSAIC_HOME: "/nonexistent" } });
  assert.equal(await runCli(["fleet", "status"], io, { deps: { remote: memoryRemote({}) } }), 1);
  assert.match(io.stderr.text, /there is no roster at \/nonexistent\/fleet\/roster\.yaml/);
});
