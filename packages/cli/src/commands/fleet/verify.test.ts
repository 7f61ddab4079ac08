import assert from "node:assert/strict";
import { test } from "node:test";
import { type Clock, MosaicError } from "@mosaic/core/light";
import type { ListResponseJson } from "@mosaic/wire";
import { runCli } from "../../cli.ts";
import { agentJson, hostJson } from "../../fleet/builders-for-tests.ts";
import { memoryIo } from "../../io/memory-io.ts";
import { memoryRemote } from "../../remote/memory-remote.ts";

const HOME = "/home/ada/.config/mosaic/fleet/run";
const NODE = `unix:${HOME}/node.sock`;
const AGGREGATOR = `unix:${HOME}/aggregator.sock`;

type Reply = ListResponseJson | MosaicError;

/** Runs it against a server that gives these replies one after the other, the last one for ever. */
async function verify(line: string, replies: readonly Reply[]) {
  const io = memoryIo({ clock: sleepingClock() });
  let count = 0;
  const List = () => {
    const reply = replies[Math.min(count, replies.length - 1)];
    count += 1;
    return reply instanceof MosaicError ? Promise.reject(reply) : (reply ?? {});
  };
  const remote = memoryRemote({ [NODE]: { unary: { List } }, [AGGREGATOR]: { unary: { List } } });
  const exitCode = await runCli(["fleet", "verify", ...line.split(" ").filter(Boolean)], io, { deps: { remote } });
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text, calls: remote.calls, count };
}

/** Time passes only while somebody sleeps. */
function sleepingClock(): Clock {
  let nowMs = 0;
  const sleep = async (ms: number) => {
    nowMs += ms;
  };
  return { nowUnixMs: () => nowMs, monotonicMs: () => nowMs, sleep };
}

const node = hostJson("alpha", { via: [] });
const lead = agentJson("alpha", "lead");
const dead = agentJson("alpha", "coder0", {
  state: "AGENT_STATE_DEAD",
  pane: undefined as never,
  systemd: { unit: "mosaic-agent@coder0.service", active: "active", sub: "exited" },
});
const whole: ListResponseJson = { hosts: [node], agents: [lead] };
const broken: ListResponseJson = { hosts: [node], agents: [dead, lead] };
const lost = hostJson("gamma", { state: "HOST_STATE_UNREACHABLE", ageMs: "840000", detail: "connect timeout" });

test("a fleet whose agents are live is exit 0, with one line", async () => {
  assert.deepEqual(await verify("", [whole]).then(({ exitCode, stdout, stderr }) => [exitCode, stdout, stderr]), [
    0,
    "1 of 1 agent is live.\n",
    "",
  ]);
});

test("one agent that is not is exit 1, with the reason and the next command; active (exited) never counts", async () => {
  const { exitCode, stdout } = await verify("", [broken]);
  assert.equal(exitCode, 1);
  assert.equal(
    stdout,
    "not live  team-a/alpha/coder0: no session, although its unit is active (exited); next: mosaic fleet start coder0\n" +
      "1 of 2 agents are live.\n",
  );
});

test("only the named ones are judged; a wrong name is an error and no success", async () => {
  assert.equal((await verify("lead", [broken])).exitCode, 0);
  assert.equal((await verify("coder0", [broken])).exitCode, 1);
  const { exitCode, stderr } = await verify("coder1", [broken]);
  assert.equal(exitCode, 1);
  assert.match(stderr, /no agent "coder1"[^\n]*\nhint: did you mean team-a\/alpha\/coder0\?/);
});

test("ephemeral agents and sessions that no roster names are judged only by name", async () => {
  const worker = agentJson("alpha", "worker", { lifecycle: "LIFECYCLE_EPHEMERAL", pane: undefined as never });
  const orphan = agentJson("alpha", "scratch", { inRoster: false });
  const reply = { hosts: [node], agents: [lead, orphan, worker] };
  assert.equal((await verify("", [reply])).exitCode, 0);
  assert.equal((await verify("worker", [reply])).exitCode, 1);
  assert.equal((await verify("scratch", [reply])).exitCode, 1);
});

test("a heartbeat that was healthy when its host last spoke may be late by now", async () => {
  const stale = { hosts: [{ ...node, ageMs: "50000" }], agents: [lead] };
  assert.match((await verify("", [stale])).stdout, /its last heartbeat \(hook\) is 52 s old and is overdue/);
});

test("with --all-hosts a host that does not answer is a failure: 3, or 4 when none does", async () => {
  const partial = { hosts: [hostJson("alpha"), lost], agents: [lead, agentJson("gamma", "far")] };
  const { exitCode, stdout } = await verify("--all-hosts", [partial]);
  assert.equal(exitCode, 3);
  assert.match(
    stdout,
    /^not live {2}team-a\/gamma\/far: its host can't be vouched for now; .*; next: mosaic host describe team-a\/gamma$/m,
  );
  assert.match(stdout, /^host team-a\/gamma: UNREACHABLE: last seen 14m ago: connect timeout$/m);
  assert.match(stdout, /\n1 of 2 agents are live\. INCOMPLETE: 1 of 2 hosts did not answer\.\n$/);
  assert.equal((await verify("--all-hosts", [{ hosts: [lost], agents: [] }])).exitCode, 4);
  assert.equal((await verify("--all-hosts", [{ hosts: [hostJson("alpha"), lost], agents: [dead] }])).exitCode, 3);
  assert.equal((await verify("--all-hosts", [new MosaicError("NOT_SERVED", "nobody")])).exitCode, 4);
});

test("a fleet without hosts proves nothing", async () => {
  const { exitCode, stdout } = await verify("--all-hosts", [{}]);
  assert.deepEqual([exitCode, stdout], [1, "There is no host to verify.\n"]);
});

test("on another host the next command says where to type it", async () => {
  const { stdout } = await verify("--all-hosts", [{ hosts: [hostJson("alpha")], agents: [dead] }]);
  assert.match(stdout, /; next: on alpha: mosaic fleet start coder0\n/);
});

test("--wait looks until all are live, and says once what it waits for", async () => {
  const starting = { hosts: [node], agents: [lead, agentJson("alpha", "coder0", { heartbeat: undefined as never })] };
  const { exitCode, stdout, stderr, count } = await verify("--wait 30s", [broken, broken, starting, starting, whole]);
  assert.deepEqual([exitCode, count, stdout], [0, 5, "1 of 1 agent is live.\n"]);
  assert.equal(stderr, "mosaic: waiting: alpha/coder0 (no-session)\nmosaic: waiting: alpha/coder0 (no-heartbeat)\n");
});

test("--wait waits for a fleet that does not answer yet, and for a host", async () => {
  const late = new MosaicError("DEADLINE", "no answer within 5000 ms");
  const partial = { hosts: [hostJson("alpha"), lost], agents: [lead] };
  const done = { hosts: [hostJson("alpha")], agents: [lead] };
  const { exitCode, stderr } = await verify("--all-hosts --wait 30s", [late, partial, done]);
  assert.equal(exitCode, 0);
  assert.equal(stderr, "mosaic: waiting: no answer within 5000 ms\nmosaic: waiting: host gamma is UNREACHABLE\n");
});

test("when the time is over the last verdict stands, or the last failure", async () => {
  const { exitCode, stdout, count } = await verify("--wait 1s", [broken]);
  assert.deepEqual([exitCode, count], [1, 3]);
  assert.match(stdout, /1 of 2 agents are live/);
  const late = new MosaicError("DEADLINE", "no answer within 5000 ms");
  const failed = await verify("--all-hosts --wait 1s", [broken, late]);
  assert.deepEqual([failed.exitCode, failed.stdout], [4, ""]);
});

test("what time does not mend is told at once", async () => {
  assert.equal((await verify("--all-hosts --wait 30s", [new MosaicError("NOT_ALLOWED", "no")])).exitCode, 5);
  assert.equal((await verify("--wait 30s nobody", [whole])).exitCode, 1);
});

test("the fields of mosaic.fleet.verify/1", async () => {
  const answer = JSON.parse((await verify("--json", [broken])).stdout);
  assert.deepEqual(Object.keys(answer), ["schema", "complete", "scope", "via", "live", "hosts", "items"]);
  const { schema, complete, scope, via, live } = answer;
  assert.deepEqual([schema, complete, scope, via, live], ["mosaic.fleet.verify/1", true, { tenants: ["team-a"] }, "node", false]);
  const same = { tenant_id: "team-a", host: "alpha", host_id: "id-alpha" };
  assert.deepEqual(answer.items, [
    {
      ...{ ...same, name: "coder0", live: false, kind: "no-session" },
      why: "no session, although its unit is active (exited)",
      next: "mosaic fleet start coder0",
    },
    { ...same, name: "lead", live: true, kind: null, why: "", next: "" },
  ]);
});
