import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { runCli } from "../../cli.ts";
import { agentJson, hostJson } from "../../fleet/builders-for-tests.ts";
import { memoryIo } from "../../io/memory-io.ts";
import { type MemoryServer, memoryRemote } from "../../remote/memory-remote.ts";

const AGGREGATOR = "unix:/home/ada/.config/mosaic/fleet/run/aggregator.sock";
const NODE = "unix:/home/ada/.config/mosaic/fleet/run/node.sock";
const MEMBER_FIELDS = [
  ...["role", "tenant_id", "host", "host_id", "addresses", "sources", "draining", "reason"],
  ...["changed_by", "changed_at_unix_ms"],
];
const member = {
  role: "ROLE_NODE",
  tenantId: "team-a",
  host: "beta",
  addresses: ["http://127.0.0.1:8787"],
  sources: ["command"],
  changedBy: "desk:operator",
  changedAtUnixMs: "1763716800000",
};
const lost = hostJson("beta", {
  state: "HOST_STATE_UNREACHABLE",
  ageMs: "840000",
  detail: "http://127.0.0.1:8787: connection refused",
  retryInMs: 2000,
  agentCount: 2,
});

async function host(line: readonly string[], unary: MemoryServer["unary"], options: { keys?: string } = {}) {
  const io = memoryIo(options.keys === undefined ? {} : { terminal: { columns: 100, rows: 30 } });
  const remote = memoryRemote({ [AGGREGATOR]: { unary: unary ?? {} }, [NODE]: { unary: { Info: () => ({}) } } });
  const ended = runCli(["host", ...line], io, { deps: { remote } });
  if (options.keys !== undefined) {
    await io.stderr.shows(/\[y\/N\]/);
    io.press(options.keys);
  }
  const exitCode = await ended;
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text, calls: remote.calls };
}

test("a host that is added is said to answer or not, and neither is a failure", async () => {
  const add = ["add", "team-a/beta", "--address", "127.0.0.1:8787", "--reason", "new"];
  const warming = hostJson("beta", { state: "HOST_STATE_WARMING", asOfUnixMs: "0", agentCount: 0 });
  const states = [warming, hostJson("beta", { agentCount: 3 })];
  const live = await host(add, {
    AddHost: () => ({ member, changed: true }),
    List: () => ({ hosts: [states.length > 1 ? states.shift() : states[0]] }),
  });
  assert.deepEqual(
    [live.exitCode, live.stdout],
    [0, "team-a/beta is expected from now on, at http://127.0.0.1:8787. It is LIVE with 3 agents.\n"],
  );
  assert.deepEqual(live.calls[0], {
    endpoint: AGGREGATOR,
    method: "AddHost",
    request: {
      ...{ tenantId: "team-a", host: "beta", addresses: ["http://127.0.0.1:8787"], hostId: "" },
      ...{ sourceLabel: "desk:operator", reason: "new" },
    },
    timeoutMs: 5000,
  });
  const again = await host(add, { AddHost: () => ({ member }), List: () => ({ hosts: [lost] }) });
  assert.equal(again.exitCode, 0);
  assert.equal(
    again.stdout,
    "team-a/beta was expected so before, at http://127.0.0.1:8787; nothing changed. It is UNREACHABLE, last seen 14m ago with 2 agents: http://127.0.0.1:8787: connection refused, retry in 2s.\n",
  );
});

test("the fields of mosaic.host.add/1, mosaic.host.rm/1 and mosaic.host.drain/1", async () => {
  const served = {
    AddHost: () => ({ member, changed: true }),
    RemoveHost: () => ({ member, changed: true, hosts: [lost] }),
    DrainHost: () => ({ member: { ...member, draining: true }, changed: true }),
    List: () => ({ hosts: [hostJson("beta")] }),
  };
  const fields = async (...line: string[]) => {
    const answer = JSON.parse((await host([...line, "--json"], served)).stdout);
    return [answer.schema, Object.keys(answer), Object.keys(answer.member)];
  };
  assert.deepEqual(await fields("add", "team-a/beta", "--address", "unix:/beta.sock"), [
    "mosaic.host.add/1",
    ["schema", "complete", "changed", "member", "hosts"],
    MEMBER_FIELDS,
  ]);
  const rm = ["schema", "complete", "dry_run", "removed", "changed", "member", "hosts"];
  assert.deepEqual(await fields("rm", "beta", "--yes"), ["mosaic.host.rm/1", rm, MEMBER_FIELDS]);
  const drain = ["schema", "complete", "changed", "member"];
  assert.deepEqual(await fields("drain", "beta"), ["mosaic.host.drain/1", drain, MEMBER_FIELDS]);
});

test("what is missing on the line is asked for with the line to type", async () => {
  const refusals: [string, RegExp][] = [
    ["add team-a/beta", /say where team-a\/beta is: --address[\s\S]*mosaic host add team-a\/beta --address 127/],
    ["add beta --address 127.0.0.1:1", /say whose host it is: <tenant>\/beta/],
    ["add team-a/eu --role aggregator --address 127.0.0.1:1", /an aggregator has a name and no tenant/],
    ["add team-a/beta --address 10.0.0.1:8787", /refusing plain text to 10\.0\.0\.1:8787/],
    ["rm a/b/c", /not a host: "a\/b\/c"/],
  ];
  for (const [line, words] of refusals) {
    const { exitCode, stderr, calls } = await host(line.split(" "), {});
    assert.ok(exitCode === 2 || exitCode === 5, line);
    assert.match(stderr, words);
    assert.deepEqual(calls, []);
  }
});

test("removal shows what would go, asks, and does it only for a yes", async () => {
  const RemoveHost = () => ({ member, changed: true, hosts: [lost] });
  const yes = await host(["rm", "team-a/beta"], { RemoveHost }, { keys: "y" });
  assert.equal(yes.exitCode, 0);
  assert.match(yes.stderr, /^team-a\/beta: UNREACHABLE, last seen 14m ago with 2 agents.*\nNothing on the host is touched/);
  assert.match(yes.stdout, /\nteam-a\/beta is removed\.\n$/);
  assert.deepEqual(
    yes.calls.map(({ request }) => (request as { dryRun: boolean }).dryRun),
    [true, false],
  );
  const no = await host(["rm", "team-a/beta"], { RemoveHost }, { keys: "n" });
  assert.deepEqual([no.exitCode, no.stdout, no.calls.length], [0, "team-a/beta is not removed.\n", 1]);
});

test("without a terminal a removal wants --yes, and a dry run changes nothing", async () => {
  const RemoveHost = () => ({ member, changed: true, hosts: [lost] });
  const silent = await host(["rm", "team-a/beta"], { RemoveHost });
  assert.equal(silent.exitCode, 2);
  assert.match(silent.stderr, /nobody can be asked whether to remove team-a\/beta/);
  const dry = await host(["rm", "team-a/beta", "--dry-run"], { RemoveHost });
  assert.match(dry.stdout, /\nWould remove team-a\/beta\. Nothing on the host is touched/);
  assert.deepEqual(
    dry.calls.map(({ request }) => (request as { dryRun: boolean }).dryRun),
    [true],
  );
  const before = await host(["rm", "team-a/beta", "--yes"], { RemoveHost: () => ({ member: { ...member, reason: "sold" } }) });
  assert.equal(before.stdout, "team-a/beta had been removed before by desk:operator (sold); nothing changed.\n");
});

test("a refusal says what holds the host, and which line of which file to edit", async () => {
  const RemoveHost = () => {
    throw new MosaicError("NOT_ALLOWED", "team-a/beta is named by the membership file", {
      hint: "take its group out of /f.yaml",
    });
  };
  const { exitCode, stderr } = await host(["rm", "beta", "--yes"], { RemoveHost });
  assert.equal(exitCode, 5);
  assert.match(stderr, /is named by the membership file\n.*take its group out of \/f\.yaml/);
});

test("drain and undrain say what it means, and repeat nothing", async () => {
  const drain = (changed: boolean, draining: boolean) => ({
    DrainHost: () => ({ member: { ...member, draining, reason: "kernel" }, changed }),
  });
  assert.match((await host(["drain", "beta"], drain(true, true))).stdout, /^team-a\/beta is DRAINING: every answer says so/);
  assert.match(
    (await host(["drain", "beta"], drain(false, true))).stdout,
    /was draining before by desk:operator: kernel; nothing changed/,
  );
  assert.equal((await host(["undrain", "beta"], drain(true, false))).stdout, "team-a/beta is in service again\n");
  assert.equal((await host(["undrain", "beta"], drain(false, false))).stdout, "team-a/beta was in service; nothing changed\n");
});

test("membership is asked of an aggregator only, never of the node of this host", async () => {
  const io = memoryIo();
  const remote = memoryRemote({ [NODE]: { unary: { DrainHost: () => assert.fail() } } });
  assert.equal(await runCli(["host", "drain", "alpha"], io, { deps: { remote } }), 4);
  assert.match(io.stderr.text, /start mosaic-aggregator on this host \(.*\), or name one/);
});

test("a host is described with why it is lost first, its agents by state, and every way to it", async () => {
  const row = (name: string, state: string) => agentJson("beta", name, { state } as never);
  const described = hostJson("beta", {
    ...lost,
    conditions: [{ type: "CLOCK_SKEW", message: "its clock is 3 s ahead" }],
    sources: ["aggregator", "file"],
    routes: [
      {
        member: "team-a/beta",
        address: "http://127.0.0.1:8787",
        state: "HOST_STATE_UNREACHABLE",
        ageMs: "840000",
        via: ["agg-1"],
      },
      {
        member: "eu",
        address: "unix:/eu.sock",
        state: "HOST_STATE_STALE",
        ageMs: "900000",
        detail: "silent",
        via: ["eu-1", "agg-1"],
      },
    ],
  });
  const List = () => ({
    hosts: [described],
    agents: [row("a", "AGENT_STATE_WORKING"), row("b", "AGENT_STATE_WORKING"), row("c", "AGENT_STATE_IDLE")],
    conditions: [{ type: "MEMBERSHIP_FROZEN", message: "connection refused" }],
  });
  const { exitCode, stdout, calls } = await host(["describe", "team-a/beta"], { List });
  assert.equal(exitCode, 4);
  assert.equal(
    stdout,
    `team-a/beta  UNREACHABLE
  why          http://127.0.0.1:8787: connection refused, retry in 2s
  CLOCK_SKEW   its clock is 3 s ahead
  heard        14m ago
  agents       2 working, 1 idle (as last known)
  address      http://beta.test:8787
  expected by  aggregator, file
  way in use   UNREACHABLE by team-a/beta at http://127.0.0.1:8787, heard 14m ago
  other way    STALE by eu at unix:/eu.sock, heard 15m ago, over eu-1 > agg-1: silent
  via          agg-1
  host id      id-beta
  version      1.2.3
  clock        2025-11-21 09:34:00 UTC by its own
  revision     7
  next         mosaic gateway probe --endpoint http://beta.test:8787
  next         on beta: mosaic doctor
  more         docs/runbook.md, UNREACHABLE

MEMBERSHIP_FROZEN: connection refused
`,
  );
  assert.deepEqual((calls[0]?.request as { selector: object } | undefined)?.selector, { tenantIds: ["team-a"], hosts: ["beta"] });
  const answer = JSON.parse((await host(["describe", "beta", "--json"], { List })).stdout);
  assert.deepEqual(Object.keys(answer), ["schema", "complete", "scope", "via", "hosts", "conditions"]);
  assert.deepEqual(
    [answer.schema, answer.hosts[0].agents, answer.hosts[0].clock_unix_ms],
    ["mosaic.host.describe/1", { working: 2, idle: 1 }, 1_763_717_640_000],
  );
});

test("a host that nobody knows is refused with near names", async () => {
  const List = () => ({ hosts: [] });
  const { exitCode } = await host(["describe", "nope"], { List });
  assert.equal(exitCode, 2);
});
