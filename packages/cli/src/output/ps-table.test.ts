import assert from "node:assert/strict";
import { test } from "node:test";
import type { AgentJson, CallerScopeJson, HostStatusJson } from "@mosaic/wire";
import { agentJson, ago, hostJson } from "../fleet/builders-for-tests.ts";
import { toPsAnswer, type Via } from "../fleet/ps-answer.ts";
import { freshReading } from "../fleet/ps-host.ts";
import { psTable } from "./ps-table.ts";
import { colourStyle, plainStyle } from "./style.ts";

interface Drawing {
  readonly columns?: number;
  readonly maxAgeMs?: number;
  readonly via?: Via;
}

function draw(hosts: HostStatusJson[], rows: AgentJson[], { columns, maxAgeMs, via = "aggregator" }: Drawing = {}): string {
  const answer = toPsAnswer({ tenants: [], hosts: [], maxAgeMs }, via, hosts.map(freshReading), rows);
  return psTable(answer, { maxAgeMs }, { columns, style: plainStyle });
}

test("who may not see everything is told whose view it is, and what is kept back", () => {
  const drawn = (seen: CallerScopeJson) => {
    const answer = toPsAnswer({ tenants: [], hosts: [], maxAgeMs: undefined }, "aggregator", [], [], [], seen);
    return psTable(answer, { maxAgeMs: undefined }, { columns: undefined, style: plainStyle }).split("\n")[0];
  };
  const caller = "tenant/team-a/user/ada";
  assert.equal(drawn({ caller, tenantIds: ["team-a"] }), "as team-a/user/ada: tenant team-a; others are not shown");
  assert.equal(drawn({ caller, tenantIds: [] }), "as team-a/user/ada: no tenant; others are not shown");
  assert.equal(
    drawn({ caller, tenantIds: ["team-a", "team-b"], countsOthers: true }),
    "as team-a/user/ada: tenants team-a, team-b; of others, hosts and how many agents they have",
  );
});

const lead = agentJson("alpha", "lead");
const coder = agentJson("alpha", "coder0", {
  runtime: "codex",
  state: "AGENT_STATE_WAITING",
  waitingFor: "approval",
  stateDetail: "run tests",
  pane: { alive: true, pid: 4188, lastActivityUnixMs: ago(41_000) },
  heartbeat: { atUnixMs: ago(41_000), health: "HEARTBEAT_HEALTH_HEALTHY", evidence: "EVIDENCE_HOOK", intervalMs: 15_000 },
});
const reviewer = agentJson("beta", "reviewer0", {
  runtime: "pi",
  state: "AGENT_STATE_IDLE",
  systemd: { unit: "u", active: "active", enabled: "disabled" },
  pane: { alive: true, pid: 977, lastActivityUnixMs: ago(240_000) },
  heartbeat: { atUnixMs: ago(9000), health: "HEARTBEAT_HEALTH_HEALTHY", evidence: "EVIDENCE_FILE", intervalMs: 15_000 },
  bootEnableWarning: true,
  driftRuntime: "stub",
  conditions: [{ type: "DRIFT", message: "m" }],
});
const gamma = hostJson("gamma", {
  state: "HOST_STATE_UNREACHABLE",
  ageMs: "840000",
  code: "UNAVAILABLE",
  detail: "connect timeout",
  retryInMs: 22_000,
  agentCount: 0,
});
const fleet = [hostJson("alpha"), hostJson("beta"), gamma];

test("the table of the architecture, piped: nothing is cut", () => {
  assert.equal(
    draw(fleet, [lead, coder, reviewer]),
    `TENANT  HOST   AGENT      RUNTIME   STATE     HEARTBEAT     SYSTEMD          PID    IDLE  NOTES
team-a  alpha  lead       claude    working   hook 2s       active/enabled   4121   0s
team-a  alpha  coder0     codex     waiting   hook 41s      active/enabled   4188   41s   approval: run tests
team-a  beta   reviewer0  pi        idle      file 9s       active/disabled  977    4m    BOOT-ENABLE DRIFT(stub)
team-a  gamma  -          -         UNREACHABLE  last seen 14m ago: connect timeout, retry in 22s
3 agents on 2 of 3 hosts. INCOMPLETE: 1 unreachable.
`,
  );
});

test("where a lost host's line does not fit, the reason comes first and its address goes", () => {
  const lost = hostJson("beta", {
    state: "HOST_STATE_UNREACHABLE",
    ageMs: "28000",
    address: "http://127.0.0.1:38731",
    detail: "http://127.0.0.1:38731: connection refused",
    retryInMs: 2000,
  });
  const lineOf = (columns?: number) => draw([lost], [], columns === undefined ? {} : { columns }).split("\n")[1] ?? "";
  assert.match(lineOf(), /UNREACHABLE {2}last seen 28s ago: http:\/\/127\.0\.0\.1:38731: connection refused, retry in 2s$/);
  assert.match(lineOf(120), /last seen 28s ago: http:\/\/127\.0\.0\.1:38731: connection refused, retry in 2s$/);
  assert.match(lineOf(80), /UNREACHABLE {2}connection refused, last seen 28s/);
  assert.match(lineOf(60), /UNREACHABLE {2}connection refu…$/);
  assert.ok(lineOf(60).length <= 60);
});

test("on a narrower terminal the notes are cut first, and no shorter than says something", () => {
  assert.equal(
    draw(fleet, [lead, coder, reviewer], { columns: 102 }),
    `TENANT  HOST   AGENT      RUNTIME   STATE     HEARTBEAT     SYSTEMD          IDLE  NOTES
team-a  alpha  lead       claude    working   hook 2s       active/enabled   0s
team-a  alpha  coder0     codex     waiting   hook 41s      active/enabled   41s   approval: run tests
team-a  beta   reviewer0  pi        idle      file 9s       active/disabled  4m    BOOT-ENABLE DRIFT(…
team-a  gamma  -          -         UNREACHABLE  last seen 14m ago: connect timeout, retry in 22s
3 agents on 2 of 3 hosts. INCOMPLETE: 1 unreachable. Not shown: PID (--wide).
`,
  );
});

test("on a narrow one columns go, and the last line names them", () => {
  assert.equal(
    draw(fleet, [lead, coder, reviewer], { columns: 72 }),
    `TENANT  HOST   AGENT      STATE     HEARTBEAT     NOTES
team-a  alpha  lead       working   hook 2s
team-a  alpha  coder0     waiting   hook 41s      approval: run tests
team-a  beta   reviewer0  idle      file 9s       BOOT-ENABLE DRIFT(stu…
team-a  gamma  -          UNREACHABLE  connect timeout, last seen 14m a…
3 agents on 2 of 3 hosts. INCOMPLETE: 1 unreachable. Not shown: RUNTIME
  SYSTEMD PID IDLE (--wide).
`,
  );
});

test("who and what an agent is stays to the last", () => {
  assert.equal(
    draw([hostJson("alpha")], [lead], { columns: 30 }),
    `TENANT  HOST   AGENT  STATE
team-a  alpha  lead   working
1 agent on 1 of 1 host. Not
  shown: RUNTIME HEARTBEAT
  SYSTEMD PID IDLE NOTES
  (--wide).
`,
  );
  for (const line of draw(fleet, [lead], { columns: 12 }).split("\n").slice(0, 3)) assert.ok(line.length <= 12, line);
});

test("every expected host is on the page, whatever became of it", () => {
  const never = hostJson("delta", {
    hostId: "",
    state: "HOST_STATE_NEVER_SEEN",
    asOfUnixMs: "0",
    detail: "no route",
    agentCount: 0,
  });
  const stale = hostJson("eta", { state: "HOST_STATE_STALE", ageMs: "61000" });
  const draining = hostJson("zeta", { state: "HOST_STATE_DRAINING", agentCount: 0 });
  const empty = hostJson("epsilon", { agentCount: 0 });
  const broken = hostJson("alpha", { conditions: [{ type: "ROSTER_INVALID", message: "roster.yaml:3:1: bad" }] });
  const row = agentJson("eta", "old", {
    waitingFor: "input",
    state: "AGENT_STATE_WAITING",
    conditions: [{ type: "CLOCK_SKEW" }],
  });
  assert.equal(
    draw([broken, never, empty, stale, draining], [lead, row]),
    `TENANT  HOST     AGENT  RUNTIME   STATE     HEARTBEAT      SYSTEMD         PID    IDLE  NOTES
team-a  alpha    lead   claude    working   hook 2s        active/enabled  4121   0s
team-a  alpha    -      -         LIVE      ROSTER_INVALID: roster.yaml:3:1: bad
team-a  delta    -      -         NEVER_SEEN  never seen: no route
team-a  epsilon  -      -         LIVE      no agents
team-a  eta      old    claude    STALE     hook 1m stale  active/enabled  4121   1m    CLOCK_SKEW was waiting, input
team-a  eta      -      -         STALE     last seen 1m ago
team-a  zeta     -      -         DRAINING  last seen 0s ago; no agents
1 agent on 3 of 5 hosts, 1 more as last known. INCOMPLETE: 1 never seen, 1 stale.
`,
  );
});

test("a host that is older than asked for is said to be", () => {
  const text = draw([hostJson("alpha", { ageMs: "61000" })], [lead], { maxAgeMs: 30_000 });
  assert.match(text, /^team-a {2}alpha {2}- +- +LIVE +last seen 1m ago, older than asked for$/m);
  assert.match(text, /1 agent on 1 of 1 host\. INCOMPLETE: 1 older than 30s\.$/m);
});

test("a session that no roster names, without pane or heartbeat, has dashes and is called ORPHAN", () => {
  const orphan: AgentJson = {
    tenantId: "team-a",
    host: "alpha",
    hostId: "id-alpha",
    name: "scratch",
    conditions: [{ type: "ORPHAN" }],
  };
  assert.match(draw([hostJson("alpha")], [orphan]), /^team-a {2}alpha {2}scratch {2}- +unknown +none +- +- +- +ORPHAN$/m);
});

test("systemd is told in one column: what is wrong stands out, what is not known is a dash, and where there is none it says so", () => {
  const unit = (active: string, enabled?: string) => ({ systemd: { unit: "u", active, ...(enabled ? { enabled } : {}) } });
  const rows = [
    agentJson("alpha", "a", unit("failed", "enabled")),
    agentJson("alpha", "b", unit("active", "disabled")),
    agentJson("alpha", "c", unit("inactive")),
    agentJson("alpha", "d", { systemd: undefined as never }),
    agentJson("beta", "e", { systemd: undefined as never }),
  ];
  const hosts = [hostJson("alpha"), hostJson("beta", { conditions: [{ type: "NO_SYSTEMD", message: "agents run without" }] })];
  const answer = toPsAnswer({ tenants: [], hosts: [], maxAgeMs: undefined }, "node", hosts.map(freshReading), rows);
  const tagged = psTable(answer, { maxAgeMs: undefined }, { columns: undefined, style: (tone, text) => `<${tone} ${text}>` });
  for (const cell of ["<bad failed/enabled>", "<attention active/disabled>", "<attention inactive/->", " -  ", "<faint none>"])
    assert.ok(tagged.includes(cell), cell);
  assert.doesNotMatch(tagged, /NO_SYSTEMD/);
});

test("a host without systemd and without agents says so in words", () => {
  const bare = hostJson("beta", { agentCount: 0, conditions: [{ type: "NO_SYSTEMD", message: "agents run without" }] });
  assert.match(draw([bare], []), /LIVE +NO_SYSTEMD: agents run without; no agents$/m);
});

test("the lane of a worker and new facts are told in the notes", () => {
  const worker = agentJson("alpha", "w", {
    lane: "issue-7",
    waitingFor: "input",
    conditions: [{ type: "CRASH_LOOP" }, { type: "UNIT_WITHOUT_AGENT" }],
  });
  assert.match(draw([hostJson("alpha")], [worker]), /CRASH_LOOP UNIT_WITHOUT_AGENT lane issue-7, input$/m);
});

test("a fleet of no hosts is one line, and a direct look says so", () => {
  assert.equal(draw([], []), "0 agents on 0 of 0 hosts.\n");
  assert.match(
    draw([hostJson("alpha")], [lead], { via: "direct" }),
    /\n1 agent on 1 of 1 host\. via: direct \(without a node\)\.\n$/,
  );
});

test("no host can put an escape, a line or a hidden direction into the operator's terminal", () => {
  const evil = "x\x1b]0;owned\x07\x9b2J\r\n\u202egnp";
  const row = agentJson("alpha", evil, {
    runtime: evil,
    stateDetail: evil,
    waitingFor: evil,
    driftRuntime: evil,
    agentClass: evil,
    host: evil,
    systemd: { unit: evil, active: evil, enabled: evil },
    state: evil as never,
    conditions: [{ type: evil, message: evil }],
    heartbeat: { evidence: evil as never, health: evil as never, atUnixMs: ago(1) },
  });
  const host = hostJson("alpha", {
    state: evil as never,
    detail: evil,
    host: evil,
    tenantId: evil,
    conditions: [{ type: evil, message: evil }],
  });
  const text = draw([host], [row]);
  assert.doesNotMatch(text.replaceAll("\n", ""), /[\x00-\x1f\x7f-\x9f\u202e]/);
  assert.equal(text.split("\n").length, 5);
});

test("wide characters keep the columns straight", () => {
  const text = draw([hostJson("alpha")], [agentJson("alpha", "リード"), agentJson("alpha", "lead")]);
  assert.match(text, /^team-a {2}alpha {2}リード {2}claude {4}working/m);
  assert.match(text, /^team-a {2}alpha {2}lead {4}claude {4}working/m);
});

test("colours change nothing but colours, and are not cut in two", () => {
  const answer = toPsAnswer({ tenants: [], hosts: [], maxAgeMs: undefined }, "aggregator", fleet.map(freshReading), [
    lead,
    coder,
    reviewer,
  ]);
  for (const columns of [undefined, 100, 70, 30, 9]) {
    const coloured = psTable(answer, { maxAgeMs: undefined }, { columns, style: colourStyle });
    assert.match(coloured, /\x1b\[32mworking\x1b\[0m|\x1b\[2mTENANT\x1b\[0m|\x1b\[2mTENAN|TENANT/);
    assert.equal(coloured.replace(/\x1b\[\d*m/g, ""), psTable(answer, { maxAgeMs: undefined }, { columns, style: plainStyle }));
  }
});

test("when most of the fleet is missing a line of its own says so above the last one", () => {
  const lost = (name: string) => hostJson(name, { state: "HOST_STATE_UNREACHABLE", agentCount: 0 });
  const text = draw([hostJson("alpha"), lost("beta"), lost("gamma")], [lead]);
  assert.match(
    text,
    /\nMOSTLY MISSING: 2 of 3 hosts can't be vouched for; .*\n1 agent on 1 of 3 hosts\. INCOMPLETE: 2 unreachable\.\n$/,
  );
  assert.doesNotMatch(draw(fleet, [lead]), /MOSTLY/);
});

test("a host with more agents than fit is counted as truncated", () => {
  const cut = hostJson("alpha", { conditions: [{ type: "TRUNCATED", message: "1 of 2 agents are in this answer" }] });
  assert.match(draw([cut, hostJson("beta")], [lead]), /INCOMPLETE: 1 truncated\.\n$/);
});
