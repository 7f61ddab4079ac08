import assert from "node:assert/strict";
import { test } from "node:test";
import type { ListResponseJson } from "@mosaic/wire";
import { runCli } from "../../cli.ts";
import { agentJson, hostJson } from "../../fleet/builders-for-tests.ts";
import { memoryIo } from "../../io/memory-io.ts";
import { type MemoryServer, memoryRemote } from "../../remote/memory-remote.ts";

const HOME = "/home/ada/.config/mosaic/fleet/run";
const AGGREGATOR = `unix:${HOME}/aggregator.sock`;
const NODE = `unix:${HOME}/node.sock`;
const serving = (reply: ListResponseJson): MemoryServer => ({ unary: { List: () => reply } });

async function status(line: string, servers: Record<string, MemoryServer>) {
  const io = memoryIo({ env: { MOSAIC_HOME: "/home/ada/.config/mosaic" } });
  const exitCode = await runCli(["agent", "status", ...line.split(" ").filter(Boolean)], io, {
    deps: { remote: memoryRemote(servers) },
  });
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text };
}

const lost = hostJson("gamma", { state: "HOST_STATE_UNREACHABLE", ageMs: "840000", detail: "connect timeout" });
const agents = [agentJson("alpha", "lead"), agentJson("beta", "lead"), agentJson("gamma", "coder0")];
const fleet = serving({ hosts: [hostJson("alpha"), hostJson("beta"), lost], agents });

test("an agent is found wherever it is, and only its host counts for the exit code", async () => {
  const { exitCode, stdout } = await status("beta/lead --json", { [AGGREGATOR]: fleet });
  const answer = JSON.parse(stdout);
  assert.deepEqual([exitCode, answer.schema, answer.complete, answer.via], [0, "mosaic.agent.status/1", true, "aggregator"]);
  assert.deepEqual(
    answer.hosts.map((host: { host: string }) => host.host),
    ["beta"],
  );
  assert.deepEqual([answer.items.length, answer.items[0].host, answer.items[0].live], [1, "beta", true]);
});

test("an agent whose host does not answer is shown as last known, and the exit code says so", async () => {
  const { exitCode, stdout } = await status("coder0", { [AGGREGATOR]: fleet });
  assert.equal(exitCode, 4);
  assert.match(stdout, /^team-a\/gamma\/coder0 {2}STALE {2}claude/);
  assert.match(stdout, /^ {2}next {7}mosaic host describe team-a\/gamma$/m);
  assert.match(stdout, /^host team-a\/gamma: UNREACHABLE: last seen 14m ago: connect timeout$/m);
});

test("without a name it is every agent that is known, and a missing host makes it partial", async () => {
  const { exitCode, stdout } = await status("", { [AGGREGATOR]: fleet });
  assert.equal(exitCode, 3);
  assert.match(stdout, /\n3 agents, 2 live\.\n$/);
});

test("a short form that fits several is refused with all of them", async () => {
  const { exitCode, stderr } = await status("lead", { [AGGREGATOR]: fleet });
  assert.equal(exitCode, 2);
  assert.match(stderr, /"lead" fits 2 agents: team-a\/alpha\/lead, team-a\/beta\/lead/);
});

test("without an aggregator the node of this host is asked, unless all hosts are wanted", async () => {
  const node = serving({ hosts: [hostJson("alpha", { via: [] })], agents: [agentJson("alpha", "lead")] });
  const { exitCode, stdout } = await status("lead --json", { [NODE]: node });
  assert.deepEqual([exitCode, JSON.parse(stdout).via], [0, "node"]);
  assert.equal((await status("lead --all-hosts", { [NODE]: node })).exitCode, 4);
});

test("an unknown name is an error that lists near ones", async () => {
  const { exitCode, stderr } = await status("codr0", { [AGGREGATOR]: fleet });
  assert.equal(exitCode, 1);
  assert.match(stderr, /hint: did you mean team-a\/gamma\/coder0\?/);
});
