import assert from "node:assert/strict";
import { test } from "node:test";
import type { AgentJson, HostStatusJson } from "@mosaic/wire";
import { agentJson, ago, HOST_NOW_MS, hostJson } from "./builders-for-tests.ts";
import { exitCodeOf, type PsAnswer, type PsQuestion, toPsAnswer } from "./ps-answer.ts";
import { freshReading } from "./ps-host.ts";

const anything: PsQuestion = { tenants: [], hosts: [], maxAgeMs: undefined };
const answer = (hosts: HostStatusJson[], rows: AgentJson[] = [], question: Partial<PsQuestion> = {}): PsAnswer =>
  toPsAnswer({ ...anything, ...question }, "aggregator", hosts.map(freshReading), rows);
const itemOf = (host: HostStatusJson, row: AgentJson) => answer([host], [row]).items[0] ?? assert.fail();

// Written out by hand on purpose: scripts rely on these names, and a test that derived them would change with them.
test("the fields of mosaic.fleet.ps/1", () => {
  const condition = { type: "CLOCK_SKEW", message: "m", sinceUnixMs: ago(5000) };
  const host = hostJson("alpha", { conditions: [condition] });
  const full = answer([host], [agentJson("alpha", "lead", { conditions: [condition] })]);
  assert.deepEqual(Object.keys(full), ["schema", "complete", "scope", "via", "hosts", "items", "conditions"]);
  assert.deepEqual(Object.keys(full.hosts[0] ?? {}), [
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
  ]);
  const item = full.items[0] ?? assert.fail();
  assert.deepEqual(Object.keys(item), [
    "tenant_id",
    "host",
    "host_id",
    "name",
    "runtime",
    "class",
    "state",
    "systemd",
    "pane",
    "heartbeat",
    "drift",
    "boot_enable_warning",
    "in_roster",
    "age_ms",
    "last_state",
    "waiting_for",
    "state_detail",
    "lifecycle",
    "lane",
    "conditions",
    "approvals",
    "session_id",
    "pending_messages",
  ]);
  assert.deepEqual(Object.keys(item.systemd ?? {}), ["unit", "active", "enabled", "sub", "result", "restarts"]);
  assert.deepEqual(Object.keys(item.pane ?? {}), ["alive", "command", "pid", "idle_ms"]);
  assert.deepEqual(Object.keys(item.heartbeat ?? {}), ["health", "age_ms", "evidence", "status"]);
  assert.deepEqual(item.conditions, [{ type: "CLOCK_SKEW", message: "m", age_ms: 5000 }]);
  assert.deepEqual(full.hosts[0]?.conditions, item.conditions);
});

test("the example of the architecture", () => {
  const lost = hostJson("gamma", {
    state: "HOST_STATE_UNREACHABLE",
    ageMs: "840000",
    code: "UNAVAILABLE",
    detail: "connect timeout",
    retryInMs: 22_000,
    agentCount: 0,
  });
  const row = agentJson("alpha", "lead");
  assert.deepEqual(JSON.parse(JSON.stringify(answer([hostJson("alpha", { ageMs: "400" }), lost], [row]))), {
    schema: "mosaic.fleet.ps/1",
    complete: false,
    scope: { tenants: ["team-a"] },
    via: "aggregator",
    hosts: [
      {
        tenant_id: "team-a",
        host: "alpha",
        host_id: "id-alpha",
        state: "LIVE",
        age_ms: 400,
        code: "",
        detail: "",
        retry_in_ms: null,
        via: ["agg-1"],
        agent_count: 1,
        conditions: [],
        address: "http://alpha.test:8787",
      },
      {
        tenant_id: "team-a",
        host: "gamma",
        host_id: "id-gamma",
        state: "UNREACHABLE",
        age_ms: 840_000,
        code: "UNAVAILABLE",
        detail: "connect timeout",
        retry_in_ms: 22_000,
        via: ["agg-1"],
        agent_count: 0,
        conditions: [],
        address: "http://gamma.test:8787",
      },
    ],
    items: [
      {
        tenant_id: "team-a",
        host: "alpha",
        host_id: "id-alpha",
        name: "lead",
        runtime: "claude",
        class: "orchestrator",
        state: "working",
        systemd: {
          unit: "mosaic-agent@lead.service",
          active: "active",
          enabled: "enabled",
          sub: "running",
          result: "success",
          restarts: 0,
        },
        pane: { alive: true, command: "claude", pid: 4121, idle_ms: 400 },
        heartbeat: { health: "healthy", age_ms: 2400, evidence: "hook", status: "busy" },
        drift: null,
        boot_enable_warning: false,
        in_roster: true,
        age_ms: 400,
        last_state: null,
        waiting_for: "",
        state_detail: "",
        lifecycle: "core",
        lane: "",
        conditions: [],
        approvals: [],
        session_id: "",
        pending_messages: 0,
      },
    ],
    conditions: [],
  });
});

test("a row that says next to nothing has every field all the same", () => {
  const item = itemOf(hostJson("alpha"), { host: "alpha", hostId: "id-alpha", tenantId: "team-a", name: "x" });
  const { state, runtime, systemd, pane, heartbeat, drift, in_roster, lifecycle } = item;
  assert.deepEqual(
    { state, runtime, systemd, pane, heartbeat, drift, in_roster, lifecycle },
    {
      state: "unknown",
      runtime: "",
      systemd: null,
      pane: null,
      heartbeat: null,
      drift: null,
      in_roster: false,
      lifecycle: "unknown",
    },
  );
  assert.deepEqual(itemOf(hostJson("alpha"), agentJson("alpha", "x", { pane: {}, heartbeat: {} })).pane, {
    alive: false,
    command: "",
    pid: null,
    idle_ms: null,
  });
});

test("ages compare the host's clock with itself, and add the age of the answer", () => {
  const item = itemOf(hostJson("alpha", { ageMs: "3000" }), agentJson("alpha", "lead"));
  assert.equal(item.pane?.idle_ms, 3000);
  assert.equal(item.heartbeat?.age_ms, 5000);
  assert.equal(item.age_ms, 3000);
  const future = itemOf(
    hostJson("alpha"),
    agentJson("alpha", "lead", { heartbeat: { atUnixMs: ago(-60_000), health: "HEARTBEAT_HEALTH_CLOCK_SKEW" } }),
  );
  assert.deepEqual([future.heartbeat?.age_ms, future.heartbeat?.health], [0, "clock_skew"]);
});

test("a heartbeat that was healthy goes stale by waiting, after three intervals and not before", () => {
  const beat = (ageMs: number, intervalMs: number | undefined, hostAgeMs: number) =>
    itemOf(
      hostJson("alpha", { ageMs: String(hostAgeMs) }),
      agentJson("alpha", "lead", {
        heartbeat: { atUnixMs: ago(ageMs), health: "HEARTBEAT_HEALTH_HEALTHY", ...(intervalMs ? { intervalMs } : {}) },
      }),
    ).heartbeat?.health;
  assert.equal(beat(2000, 1000, 1000), "healthy");
  assert.equal(beat(2000, 1000, 1001), "stale");
  assert.equal(beat(40_000, undefined, 5000), "healthy");
  assert.equal(beat(40_000, undefined, 5001), "stale");
});

test("rows of a host that can't be vouched for are STALE, and say what they were", () => {
  for (const state of ["STALE", "UNREACHABLE", "AUTH_FAILED", "INCOMPATIBLE", "OVERLOADED", "WARMING", "UNSPECIFIED"] as const) {
    const item = itemOf(hostJson("alpha", { state: `HOST_STATE_${state}` }), agentJson("alpha", "lead"));
    assert.deepEqual([item.state, item.last_state], ["STALE", "working"], state);
  }
  for (const state of ["LIVE", "DRAINING"] as const) {
    const item = itemOf(hostJson("alpha", { state: `HOST_STATE_${state}` }), agentJson("alpha", "lead"));
    assert.deepEqual([item.state, item.last_state], ["working", null], state);
  }
  assert.equal(itemOf(hostJson("beta"), agentJson("alpha", "lead")).state, "STALE", "a row without its host");
});

test("two hosts of one name in two tenants keep their rows apart", () => {
  const other = hostJson("alpha", { tenantId: "team-b", hostId: "id-b", state: "HOST_STATE_STALE" });
  const rows = [agentJson("alpha", "lead"), agentJson("alpha", "lead", { tenantId: "team-b", hostId: "id-b" })];
  assert.deepEqual(
    answer([hostJson("alpha"), other], rows).items.map((item) => item.state),
    ["working", "STALE"],
  );
});

test("a host that was never heard from has no age", () => {
  const never = hostJson("delta", { hostId: "", state: "HOST_STATE_NEVER_SEEN", asOfUnixMs: "0" });
  assert.deepEqual([answer([never]).hosts[0]?.age_ms, answer([never]).hosts[0]?.host_id], [null, ""]);
});

test("an answer is complete when every host answered, recently enough", () => {
  const young = hostJson("alpha", { ageMs: "1000" });
  assert.equal(answer([young]).complete, true);
  assert.equal(answer([young], [], { maxAgeMs: 1000 }).complete, true);
  assert.equal(answer([young], [], { maxAgeMs: 999 }).complete, false);
  assert.equal(answer([young, hostJson("beta", { state: "HOST_STATE_DRAINING" })]).complete, true);
  assert.equal(answer([young, hostJson("beta", { state: "HOST_STATE_STALE" })]).complete, false);
  assert.equal(answer([]).complete, true);
});

test("the exit code is 0, 3 for a gap, 4 for silence", () => {
  const live = hostJson("alpha");
  const lost = hostJson("beta", { state: "HOST_STATE_UNREACHABLE" });
  assert.equal(exitCodeOf(answer([live]), false), 0);
  assert.equal(exitCodeOf(answer([live, lost]), false), 3);
  assert.equal(exitCodeOf(answer([live, lost]), true), 0);
  assert.equal(exitCodeOf(answer([lost]), false), 4);
  assert.equal(exitCodeOf(answer([lost]), true), 4);
  assert.equal(exitCodeOf(answer([]), false), 0);
  assert.equal(exitCodeOf(answer([hostJson("a", { ageMs: "9000" })], [], { maxAgeMs: 1 }), false), 3);
});

test("the scope is what was asked, or the tenants that are there", () => {
  const hosts = [hostJson("alpha"), hostJson("x", { tenantId: "team-b" }), hostJson("beta")];
  assert.deepEqual(answer(hosts).scope, { tenants: ["team-a", "team-b"] });
  assert.deepEqual(answer(hosts, [], { tenants: ["team-c"], hosts: ["alpha"] }).scope, { tenants: ["team-c"], hosts: ["alpha"] });
});

test("a clock of the host far from ours changes nothing", () => {
  const shift = 86_400_000 * 365;
  const row = agentJson("alpha", "lead", { pane: { lastActivityUnixMs: String(HOST_NOW_MS + shift - 7000), alive: true } });
  assert.equal(itemOf(hostJson("alpha", { asOfUnixMs: String(HOST_NOW_MS + shift) }), row).pane?.idle_ms, 7000);
});

test("with --strict more than half missing is as good as nobody, and half is not", () => {
  const [live, other] = [hostJson("a"), hostJson("b")];
  const lost = (name: string) => hostJson(name, { state: "HOST_STATE_UNREACHABLE" });
  assert.equal(exitCodeOf(answer([live, other, lost("c"), lost("d")]), false, true), 3);
  assert.equal(exitCodeOf(answer([live, lost("b"), lost("c")]), false, true), 4);
  assert.equal(exitCodeOf(answer([live, lost("b"), lost("c")]), false), 3);
  assert.equal(exitCodeOf(answer([]), false, true), 0);
});

test("a host whose rows were cut is not complete", () => {
  const cut = hostJson("a", { conditions: [{ type: "TRUNCATED", message: "10000 of 12000 agents" }] });
  assert.equal(answer([cut]).complete, false);
  assert.equal(exitCodeOf(answer([cut]), false), 3);
});
