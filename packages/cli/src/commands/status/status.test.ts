import assert from "node:assert/strict";
import { test } from "node:test";
import { runCli } from "../../cli.ts";
import { agentJson, hostJson } from "../../fleet/builders-for-tests.ts";
import { memoryIo } from "../../io/memory-io.ts";
import { type MemoryServer, memoryRemote } from "../../remote/memory-remote.ts";
import type { OverviewAnswer } from "../../status/status-answer.ts";

const HOME = "unix:/home/ada/.config/mosaic/fleet/run";
const [NODE, AGGREGATOR] = [`${HOME}/node.sock`, `${HOME}/aggregator.sock`];
const info = () => ({ version: "1.0.0", pid: 42, uptimeMs: "7200000" });

async function ask(line: string, servers: Record<string, MemoryServer>) {
  const io = memoryIo();
  const exitCode = await runCli(line.split(" "), io, { deps: { remote: memoryRemote(servers) } });
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text };
}

const hosts = [
  hostJson("alpha"),
  hostJson("beta", { state: "HOST_STATE_UNREACHABLE", detail: "connection refused" }),
  hostJson("gamma", { conditions: [{ type: "DRIFT", message: "another runtime" }] }),
];
const waiting = agentJson("alpha", "coder0", { state: "AGENT_STATE_WAITING", waitingFor: "approval" });
const fleet: MemoryServer = {
  unary: { Info: info, List: () => ({ hosts, agents: [agentJson("alpha", "lead"), waiting, agentJson("beta", "lead")] }) },
};

test("one screen says who answers, counts hosts and agents by state, and names what needs a hand with what to type", async () => {
  const { exitCode, stdout } = await ask("status", { [AGGREGATOR]: fleet, [NODE]: { unary: { Info: info } } });
  assert.equal(exitCode, 3);
  assert.equal(
    stdout,
    `host        desk  /home/ada/.config/mosaic
node        answers, 1.0.0, process 42, up 2h
aggregator  answers, 1.0.0, process 42, up 2h
hosts       3: 2 LIVE, 1 UNREACHABLE
agents      3, 2 live: 1 STALE, 1 waiting, 1 working

3 things need a hand:
  team-a/beta  UNREACHABLE: connection refused
    next: mosaic host describe team-a/beta
  team-a/gamma  DRIFT: another runtime
    next: mosaic doctor
  team-a/alpha/coder0  waits for approval
    next: mosaic agent attach team-a/alpha/coder0

Next: mosaic host describe team-a/beta
`,
  );
});

test("a fleet in order needs no hand", async () => {
  const sound: MemoryServer = {
    unary: { Info: info, List: () => ({ hosts: [hostJson("alpha")], agents: [agentJson("alpha", "lead")] }) },
  };
  const { exitCode, stdout } = await ask("status", { [AGGREGATOR]: sound, [NODE]: sound });
  assert.equal(exitCode, 0);
  assert.match(stdout, /\nNothing needs a hand\.\n$/);
});

test("where nobody answers that is what is told, with the doctor to ask", async () => {
  const { exitCode, stdout } = await ask("status --endpoint unix:/nowhere.sock", {});
  assert.equal(exitCode, 4);
  assert.match(stdout, /no daemon answers at unix:\/nowhere\.sock.*\n {4}next: mosaic doctor\n/);
});

test("the fields of mosaic.status/1", async () => {
  const { stdout } = await ask("status --json", { [AGGREGATOR]: fleet });
  const answer = JSON.parse(stdout) as OverviewAnswer;
  assert.deepEqual(Object.keys(answer).join(" "), "schema complete host home node aggregator via hosts agents attention next");
  assert.deepEqual(Object.keys(answer.node), ["endpoint", "answers", "version", "pid", "uptime_ms", "detail"]);
  assert.deepEqual(Object.keys(answer.attention[0] ?? {}), ["about", "what", "next"]);
  assert.deepEqual([answer.schema, answer.via, answer.complete], ["mosaic.status/1", "aggregator", false]);
});

test("health is one line and an exit code: healthy 0, partial 3, silent 4", async () => {
  const health = (servers: Record<string, MemoryServer>) => ask("health", servers);
  const answering = (list: object): Record<string, MemoryServer> => ({ [NODE]: { unary: { List: () => list } } });
  const sound = { hosts: [hostJson("alpha")], agents: [agentJson("alpha", "lead")] };
  assert.deepEqual(
    [await health(answering(sound)), await health({ [AGGREGATOR]: fleet }), await health({})].map(({ exitCode, stdout }) => [
      exitCode,
      stdout,
    ]),
    [
      [0, "healthy: 1 of 1 hosts answer, 1 of 1 core agents are live\n"],
      [3, "partial: 2 of 3 hosts answer, 2 of 3 core agents are live; DRIFT\n"],
      [4, `silent: no daemon answers at ${AGGREGATOR} or ${NODE}\n`],
    ],
  );
  const dead = { ...sound, hosts: [hostJson("alpha", { state: "HOST_STATE_UNREACHABLE" })] };
  assert.equal((await health(answering(dead))).exitCode, 4);
  const ended = { ...sound, agents: [agentJson("alpha", "lead", { pane: { alive: false } })] };
  assert.equal((await health(answering(ended))).exitCode, 3);
});

test("the fields of mosaic.health/1", async () => {
  const answer = JSON.parse((await ask("health --json", {})).stdout) as object;
  assert.deepEqual(Object.keys(answer).join(" "), "schema complete status hosts agents conditions summary");
});
