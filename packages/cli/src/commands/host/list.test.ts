import assert from "node:assert/strict";
import { test } from "node:test";
import { runCli } from "../../cli.ts";
import { hostJson } from "../../fleet/builders-for-tests.ts";
import { memoryIo } from "../../io/memory-io.ts";
import { type MemoryServer, memoryRemote } from "../../remote/memory-remote.ts";

const AGGREGATOR = "unix:/home/ada/.config/mosaic/fleet/run/aggregator.sock";
const NODE = "unix:/home/ada/.config/mosaic/fleet/run/node.sock";
const lost = hostJson("gamma", {
  state: "HOST_STATE_UNREACHABLE",
  ageMs: "840000",
  detail: "connect timeout",
  retryInMs: 22_000,
  agentCount: 2,
});
const never = hostJson("delta", {
  hostId: "",
  state: "HOST_STATE_NEVER_SEEN",
  asOfUnixMs: "0",
  code: "UNAVAILABLE",
  version: "",
  agentCount: 0,
});
const fleet: MemoryServer = { unary: { List: () => ({ hosts: [hostJson("alpha"), never, lost] }) } };

async function list(line: string, servers: Record<string, MemoryServer>) {
  const io = memoryIo();
  const remote = memoryRemote(servers);
  const exitCode = await runCli(["host", "list", ...line.split(" ").filter(Boolean)], io, { deps: { remote } });
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text, calls: remote.calls };
}

test("every expected host is listed, with what became of it", async () => {
  const { exitCode, stdout, calls } = await list("", { [AGGREGATOR]: fleet });
  assert.equal(exitCode, 3);
  assert.equal(
    stdout,
    `TENANT  HOST   STATE        AGE    AGENTS  VERSION  ADDRESS                 NOTES
team-a  alpha  LIVE         0s     1       1.2.3    http://alpha.test:8787
team-a  delta  NEVER_SEEN   never  0       -        http://delta.test:8787  UNAVAILABLE
team-a  gamma  UNREACHABLE  14m    2       1.2.3    http://gamma.test:8787  connect timeout, retry in 22s
MOSTLY MISSING: 2 of 3 hosts can't be vouched for; look at the way to them first
1 of 3 hosts answer. INCOMPLETE: 1 never seen, 1 unreachable.
`,
  );
  assert.deepEqual(calls[0]?.request, { selector: { tenantIds: [], hosts: [] }, live: false, pageSize: 1 });
});

test("the fields of mosaic.host.list/1", async () => {
  const answer = JSON.parse((await list("--json", { [AGGREGATOR]: fleet })).stdout);
  assert.deepEqual(Object.keys(answer), ["schema", "complete", "scope", "via", "hosts", "conditions"]);
  assert.deepEqual([answer.schema, answer.complete, answer.via], ["mosaic.host.list/1", false, "aggregator"]);
  assert.deepEqual(Object.keys(answer.hosts[0]), [
    "tenant_id",
    "host",
    "host_id",
    "state",
    "age_ms",
    "code",
    "detail",
    "retry_in_ms",
    "via",
    "agent_count",
    "conditions",
    "address",
    "version",
    "sources",
    "routes",
  ]);
});

test("what is wrong with the answerer stands above the last line, and hosts that it can't know make the answer incomplete", async () => {
  const told = (type: string) => ({
    [AGGREGATOR]: { unary: { List: () => ({ hosts: [hostJson("alpha")], conditions: [{ type, message: "why" }] }) } },
  });
  const frozen = await list("", told("MEMBERSHIP_FROZEN"));
  assert.equal(frozen.exitCode, 0);
  assert.match(frozen.stdout, /\nMEMBERSHIP_FROZEN: why\n1 of 1 host answers\.\n$/);
  const unread = await list("", told("MEMBERSHIP_UNREAD"));
  assert.equal(unread.exitCode, 3);
  assert.match(unread.stdout, /\n1 of 1 host answers\. INCOMPLETE: hosts may be missing\.\n$/);
  const answer = JSON.parse((await list("--json", told("MEMBERSHIP_FROZEN"))).stdout);
  assert.deepEqual(answer.conditions, [{ type: "MEMBERSHIP_FROZEN", message: "why", age_ms: null }]);
});

test("exit codes are those of fleet ps", async () => {
  const only = (host: object): Record<string, MemoryServer> => ({ [AGGREGATOR]: { unary: { List: () => ({ hosts: [host] }) } } });
  assert.equal((await list("", only(hostJson("alpha")))).exitCode, 0);
  assert.equal((await list("--allow-partial", { [AGGREGATOR]: fleet })).exitCode, 0);
  assert.equal((await list("", only(lost))).exitCode, 4);
  assert.equal((await list("", {})).exitCode, 4);
});

test("a node answers for itself, and says so", async () => {
  const node: MemoryServer = { unary: { List: () => ({ hosts: [hostJson("alpha", { via: [], address: "" })] }) } };
  const { stdout } = await list("", { [NODE]: node });
  assert.match(stdout, /\n1 of 1 host answers\. via: node \(this host only\)\.\n$/);
  assert.equal((await list("--all-hosts", { [NODE]: node })).exitCode, 4);
});

test("JSON lines end with a summary", async () => {
  const lines = (await list("--jsonl", { [AGGREGATOR]: fleet })).stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map((line) => line.type),
    ["host", "host", "host", "summary"],
  );
  assert.equal(lines[3].host_count, 3);
});

test("a host behind another aggregator is listed with the way to it, and with the others there are", async () => {
  const route = (member: string, state: "LIVE" | "UNREACHABLE" = "LIVE") => ({ member, state: `HOST_STATE_${state}` as const });
  const hosts = [
    hostJson("alpha", { routes: [route("team-a/alpha")], via: ["own"] }),
    hostJson("beta", { routes: [route("eu"), route("team-a/beta", "UNREACHABLE")], via: ["eu-id", "own"] }),
    hostJson("gamma", { routes: [route("eu")], via: ["eu-id", "own"] }),
  ];
  const { stdout } = await list("--wide", { [AGGREGATOR]: { unary: { List: () => ({ hosts }) } } });
  const cells = stdout.split("\n").map((line) => /http:\S+ +(.*)$/.exec(line)?.[1]?.trim());
  assert.match(stdout, /ADDRESS +VIA +NOTES/);
  assert.deepEqual(cells.slice(1, 4), ["-", "eu (or team-a/beta UNREACHABLE)", "eu"]);
});
