import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core/light";
import type { AgentJson, ApprovalJson, DecideRequestJson, DecideResponseJson, HostStatusJson } from "@mosaic/wire";
import { runCli } from "../../cli.ts";
import { agentJson, ago, hostJson } from "../../fleet/builders-for-tests.ts";
import { memoryIo } from "../../io/memory-io.ts";
import { memoryRemote } from "../../remote/memory-remote.ts";

const AGGREGATOR = "unix:/home/ada/.config/mosaic/fleet/run/aggregator.sock";
const bash: ApprovalJson = {
  requestId: "toolu_1",
  tool: "Bash",
  summary: "npm test",
  sinceUnixMs: ago(41_000),
  answerable: true,
};
const write: ApprovalJson = { requestId: "toolu_2", tool: "Write", summary: "/etc/hosts", answerable: true };
const waiting = (name: string, approvals: ApprovalJson[], more: Partial<AgentJson> = {}): AgentJson =>
  agentJson("alpha", name, { state: "AGENT_STATE_WAITING", waitingFor: "permission", approvals, ...more });
const trust = waiting("trust", [{ requestId: "dialog", summary: "trust this folder?", answerable: false }]);
const input = waiting("asks", [], { waitingFor: "input", stateDetail: "which branch?" });
const FLEET = [agentJson("alpha", "busy"), waiting("coder0", [bash]), waiting("lead", [bash, write]), trust, input];

async function agent(
  argv: string[],
  { rows = FLEET, hosts = [hostJson("alpha")], reply = { confirmed: true } as DecideResponseJson | MosaicError } = {},
) {
  const io = memoryIo();
  const decide = () => {
    if (reply instanceof MosaicError) throw reply;
    return reply;
  };
  const remote = memoryRemote({ [AGGREGATOR]: { unary: { List: () => ({ agents: rows, hosts }), Decide: decide } } });
  const exitCode = await runCli(["agent", ...argv], io, { deps: { remote } });
  const request = remote.calls.find((call) => call.method === "Decide")?.request as DecideRequestJson | undefined;
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text, request };
}

test("everything that waits for a person is listed, with how to answer", async () => {
  const { exitCode, stdout } = await agent(["approvals", "list"]);
  assert.equal(exitCode, 0);
  assert.equal(
    stdout,
    `AGENT                RUNTIME  AGE  REQUEST  ASKS FOR
team-a/alpha/coder0  claude   41s  toolu_1  Bash: npm test
team-a/alpha/lead    claude   41s  toolu_1  Bash: npm test
team-a/alpha/lead    claude   -    toolu_2  Write: /etc/hosts
team-a/alpha/trust   claude   -    dialog   trust this folder? (at its terminal)
team-a/alpha/asks    claude   -    -        input: which branch? (at its terminal)
5 to answer.
answer: mosaic agent approve team-a/alpha/coder0 toolu_1 (or deny)
at its terminal: mosaic agent attach team-a/alpha/trust
`,
  );
});

test("a host that did not answer is named; exit 3, and 4 when none did", async () => {
  const lost: HostStatusJson = hostJson("gamma", { state: "HOST_STATE_UNREACHABLE", detail: "connect timeout" });
  const partial = await agent(["approvals", "list"], { rows: [], hosts: [hostJson("alpha"), lost] });
  assert.equal(partial.exitCode, 3);
  assert.match(
    partial.stdout,
    /^host team-a\/gamma: UNREACHABLE.*\nNo agent waits for an answer\. INCOMPLETE: 1 unreachable\.\n$/,
  );
  assert.equal((await agent(["approvals", "list"], { rows: [], hosts: [lost] })).exitCode, 4);
});

test("without a daemon nobody knows, and it says how to start one", async () => {
  const io = memoryIo();
  const exitCode = await runCli(["agent", "approvals", "list"], io, { deps: { remote: memoryRemote({}) } });
  assert.equal(exitCode, 4);
  assert.match(io.stderr.text, /hint: mosaic gateway start; .*: mosaic-node\n/);
});

test("the fields of mosaic.agent.approvals/1", async () => {
  const answer = JSON.parse((await agent(["approvals", "list", "--json"])).stdout);
  assert.deepEqual(Object.keys(answer), ["schema", "complete", "via", "hosts", "items"]);
  assert.deepEqual(answer.items[0], {
    tenant_id: "team-a",
    host: "alpha",
    host_id: "id-alpha",
    name: "coder0",
    runtime: "claude",
    state: "waiting",
    request_id: "toolu_1",
    tool: "Bash",
    summary: "npm test",
    age_ms: 41_000,
    answerable: true,
  });
});

test("an answer names the agent in full, the request, the decision and who decided", async () => {
  const { exitCode, stdout, request } = await agent(["approve", "lead", "toolu_2"]);
  assert.deepEqual(request, {
    agent: { tenantId: "team-a", host: "alpha", name: "lead" },
    requestId: "toolu_2",
    decision: "DECISION_ALLOW",
    sourceLabel: "desk:operator",
    comment: "",
  });
  const told = "team-a/alpha/lead: allowed Write: /etc/hosts (request toolu_2); the agent took the answer\n";
  assert.deepEqual([exitCode, stdout], [0, told]);
});

test("a denial carries its comment; --only means the one there is", async () => {
  const { request, stdout } = await agent(["deny", "coder0", "--only", "--comment", "use staging", "--source-label", "ci"]);
  assert.deepEqual(
    [request?.requestId, request?.decision, request?.comment, request?.sourceLabel],
    ["toolu_1", "DECISION_DENY", "use staging", "ci"],
  );
  assert.match(stdout, /denied Bash: npm test/);
});

test("an answer that the agent was not seen to take is exit 6", async () => {
  const { exitCode, stdout } = await agent(["approve", "coder0", "--only"], { reply: { detail: "written for its hook" } });
  assert.equal(exitCode, 6);
  assert.match(stdout, /handed over, and nothing was heard of the agent yet: written for its hook; see mosaic agent status/);
});

const refusals: [string, string[], number, RegExp][] = [
  [
    "neither an id nor --only",
    ["approve", "coder0"],
    2,
    /say which request to approve.*\nhint: mosaic agent approvals list, then/,
  ],
  ["both", ["approve", "coder0", "toolu_1", "--only"], 2, /say which request/],
  ["--only when there are more", ["approve", "lead", "--only"], 2, /asks for 2 things: toolu_1 \(Bash: npm test\), toolu_2/],
  ["a request that is not asked", ["deny", "lead", "toolu_3"], 1, /or not any more\nhint: did you mean toolu_/],
  ["an agent that asks nothing", ["approve", "busy", "--only"], 1, /asks leave for nothing now\nhint: see what it does/],
  [
    "what only a terminal can answer",
    ["approve", "trust", "--only"],
    1,
    /trust this folder\? in a way that only its terminal can answer\nhint: mosaic agent attach team-a\/alpha\/trust/,
  ],
  ["an unknown agent", ["approve", "codr0", "--only"], 1, /hint: did you mean team-a\/alpha\/coder0\?/],
];
for (const [what, argv, code, said] of refusals) {
  test(`refused, and nothing is decided: ${what}`, async () => {
    const { exitCode, stderr, request } = await agent(argv);
    assert.deepEqual([exitCode, request], [code, undefined]);
    assert.match(stderr, said);
  });
}

test("what was answered meanwhile is told by the agent's host", async () => {
  const gone = new MosaicError("APPROVAL_NOT_FOUND", "it was answered at its terminal");
  const { exitCode, stderr } = await agent(["approve", "coder0", "--only"], { reply: gone });
  assert.deepEqual([exitCode, stderr], [1, "mosaic: it was answered at its terminal\n"]);
});

test("the fields of mosaic.agent.decide/1", async () => {
  const answer = JSON.parse((await agent(["deny", "coder0", "--only", "--json"])).stdout);
  assert.deepEqual(Object.keys(answer), ["schema", "complete", "decision", "tenant_id", "host", "name", "request", "detail"]);
  assert.deepEqual([answer.schema, answer.complete, answer.decision], ["mosaic.agent.decide/1", true, "deny"]);
});
