import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { AgentJson, HostStatusJson } from "@mosaic/wire";
import { runCli } from "../../cli.ts";
import { agentJson, hostJson } from "../../fleet/builders-for-tests.ts";
import { memoryIo } from "../../io/memory-io.ts";
import { readFileCapped } from "../../io/read-input.ts";
import type { GateAnswer } from "../../release/gate-answer.ts";
import { memoryRemote } from "../../remote/memory-remote.ts";

const info = {
  ...{ role: "ROLE_AGGREGATOR", version: "1.0.0", protocolVersion: 1, capabilities: ["list", "watch"], maxMessageBytes: 1000 },
};

interface World {
  hosts: HostStatusJson[];
  agents: AgentJson[];
  capabilities: string[];
  messages?: object[];
}

function release(context: TestContext) {
  const home = mkdtempSync(join(tmpdir(), "mosaic-gate-"));
  context.after(() => rmSync(home, { recursive: true, force: true }));
  const world: World = {
    hosts: [hostJson("alpha"), hostJson("beta")],
    agents: [agentJson("alpha", "lead"), agentJson("beta", "lead")],
    capabilities: info.capabilities,
    messages: [],
  };
  const unary = {
    Info: () => ({ ...info, capabilities: world.capabilities }),
    List: () => ({ hosts: world.hosts, agents: world.agents }),
    ListMessages: () => ({ hosts: world.hosts, messages: world.messages }),
  };
  const run = async (verb: string, ...more: string[]) => {
    const io = { ...memoryIo(), readFile: readFileCapped };
    const remote = memoryRemote({ "unix:/m.sock": { unary } });
    const argv = ["release", verb, "--mosaic-home", home, "--endpoint", "unix:/m.sock", ...more];
    const exitCode = await runCli(argv, io, { deps: { remote } });
    return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text };
  };
  const baseline = join(home, "golden.json");
  const gate = (...more: string[]) => run("gate", "--baseline", baseline, ...more);
  // What memory answers takes microseconds, and any ratio of them.
  const write = async () => {
    const end = await gate("--write");
    const text = readFileSync(baseline, "utf8").replaceAll(/"tolerance":[14],/g, '"tolerance":100000,');
    writeFileSync(baseline, text);
    return end;
  };
  return { run, gate, write, baseline, world, home };
}

test("a fleet that is as it was opens the gate, and both runs are on record", async (context) => {
  const { run, gate, write, baseline, home } = release(context);
  const { exitCode, stdout, stderr } = await write();
  assert.deepEqual([exitCode, stdout, stderr], [0, `Wrote ${baseline}\n`, ""]);
  const again = await gate();
  assert.equal(again.exitCode, 0, again.stdout);
  assert.match(again.stdout, /^same {5}agents:team-a\/alpha\n[\s\S]*\nPASS {2}\d+ same/);
  const log = await run("log");
  assert.equal(log.exitCode, 0);
  assert.match(log.stdout, /gate\.baseline {2}PASS[\s\S]*gate\.verdict {2}PASS[\s\S]*2 records, all as they were written/);
  assert.equal(statSync(join(home, "fleet/verification.jsonl")).mode & 0o777, 0o600);
});

test("a host, an agent or an ability that is gone, and a new condition, shut it with their names and what to type", async (context) => {
  const { gate, write, world } = release(context);
  await write();
  world.hosts = [hostJson("alpha", { conditions: [{ type: "DRIFT", message: "another runtime" }] })];
  world.agents = [];
  world.capabilities = ["list"];
  const { exitCode, stdout } = await gate();
  assert.equal(exitCode, 1);
  for (const line of [
    /^worse {4}agents:team-a\/alpha: gone: lead$/m,
    /^missing {2}agents:team-a\/beta: it was lead$/m,
    /^worse {4}conditions\.all: come: team-a\/alpha DRIFT$/m,
    /^worse {4}health\.status: healthy became partial$/m,
    /^missing {2}host:team-a\/beta: it was LIVE$/m,
    /^worse {4}server\.capabilities: gone: watch$/m,
    /^FAIL {2}.*\nNext: mosaic fleet verify --all-hosts --host alpha$/m,
  ])
    assert.match(stdout, line);
});

test("what could not be looked at shuts it, unless that is allowed", async (context) => {
  const { run, write, gate, world, baseline } = release(context);
  world.messages = [{ receipt: { messageId: "m1", state: "DELIVERY_STATE_ANSWERED" } }];
  await write();
  assert.match(readFileSync(baseline, "utf8"), /"receipts\.taken": .*"value":1\}/);
  world.messages = [];
  const shut = await gate();
  assert.equal(shut.exitCode, 1, shut.stdout);
  assert.match(shut.stdout, /^UNKNOWN {2}receipts\.taken: no message has come to its end yet$/m);
  const open = await gate("--allow-unknown", "receipts");
  assert.equal(open.exitCode, 0, open.stdout);
  assert.match(open.stdout, /receipts\.taken: .* \(allowed\)$/m);
  assert.match((await run("log")).stdout, /unknown=receipts\.failures receipts\.taken/);
});

test("a baseline is not written over what could not be looked at", async (context) => {
  const { gate, baseline } = release(context);
  const end = await gate("--write", "--endpoint", "unix:/nowhere.sock");
  assert.equal(end.exitCode, 1);
  assert.match(end.stdout, /^UNKNOWN {2}host: no daemon answers[\s\S]*\nNot written: /m);
  assert.equal(existsSync(baseline), false);
});

test("a baseline that is not there or can't be used is exit 2, with what to type", async (context) => {
  const { run, gate, baseline } = release(context);
  assert.deepEqual([(await run("gate")).exitCode, (await gate()).exitCode], [2, 2]);
  assert.match((await gate()).stderr, /there is no baseline at .*\nhint: .*--write\n$/);
  writeFileSync(baseline, "{}");
  assert.match((await gate()).stderr, /cannot use the baseline .*golden\.json/);
});

test("a record that was changed is exit 1, and told", async (context) => {
  const { run, write, gate, home } = release(context);
  await write();
  await gate();
  const path = join(home, "fleet/verification.jsonl");
  writeFileSync(path, readFileSync(path, "utf8").replace('"PASS"', '"FAIL"'));
  const { exitCode, stdout } = await run("log");
  assert.equal(exitCode, 1);
  assert.match(stdout, /changed \(line 2\)/);
});

test("the fields of mosaic.release.gate/1 and mosaic.release.log/1", async (context) => {
  const { run, write, gate } = release(context);
  await write();
  const answer = JSON.parse((await gate("--json")).stdout) as GateAnswer;
  assert.equal(
    Object.keys(answer).join(" "),
    "schema complete verdict baseline baseline_sha256 written version counts items next",
  );
  assert.deepEqual(Object.keys(answer.counts), ["same", "better", "worse", "missing", "unknown", "new"]);
  assert.deepEqual(Object.keys(answer.items[0] ?? {}), ["check", "outcome", "detail", "fails", "next"]);
  const log = JSON.parse((await run("log", "--json")).stdout);
  assert.equal(Object.keys(log).join(" "), "schema complete path items fragment_count problems head");
  assert.deepEqual(
    log.items.map(({ action }: { action: string }) => action),
    ["gate.baseline", "gate.verdict"],
  );
});
