/** Two tenants behind one aggregator, each known by certificate: real processes, real sockets. */
import assert from "node:assert/strict";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Credentials } from "@mosaic/identity";
import { type Endpoint, type FleetClient, formatEndpoint, fromConnectError } from "@mosaic/rpc";
import { eventually } from "@mosaic/testkit";
import { HostState } from "@mosaic/wire";
import { type DaemonHome, daemonHome, quietRoster } from "./daemon-home.ts";
import { tellAll } from "./tell-all.ts";
import { FLEET, type WalledFleet, type WalledHost, walledAggregator, walledFleet, walledNode } from "./walled-fleet.ts";
import { readsLogs } from "./walled-logs.ts";

const POLICY = `grants:
  - { role: operator, tenant: team-a, who: user/ada }
  - { role: observer, tenant: team-a, who: user/olaf }
  - { role: operator, tenant: team-b, who: user/bob }
  - { role: fleet-observer, who: tenant/ops/user/flo }
`;
const CANARY = "canary-of-b-91b7";

interface World {
  readonly fleet: WalledFleet;
  readonly alpha: WalledHost;
  readonly beta: WalledHost;
  readonly aggregator: { readonly home: DaemonHome; readonly endpoint: Endpoint };
  readonly ada: Credentials;
  readonly adaHome: DaemonHome;
}

test(
  "tenants are walled off from each other",
  { timeout: 180_000 },
  tellAll(async (t) => {
    await using stack = new AsyncDisposableStack();
    const world = await setUp(stack);
    await t.test("an operator sees the own tenant and nothing of another", () => seesOwn(world));
    await t.test("what is another tenant's is answered as what is not there", () => foreignIsAbsent(world));
    await t.test("the CLI sends over the aggregator in the caller's own name", () => sends(world));
    await t.test("an observer may look, and change nothing", () => observes(world));
    await t.test("an operator reads the logs of the own tenant's nodes, and nobody else does", () => readsLogs(world));
    await t.test("a fleet-observer sees hosts and counts", () => surveys(world));
    await t.test("who is nobody gets no answer", () => strangers(world));
    await t.test("a policy that changes counts at once, also for streams that run", () => policyChanges(world));
    await t.test("a daemon does not start without an identity that is its own, and its own alone", () => badIdentities(world));
  }),
);

async function setUp(stack: AsyncDisposableStack): Promise<World> {
  const fleet = await walledFleet();
  const node = (tenantId: string, host: string, agents: string[]) =>
    walledNode(stack, fleet, { tenantId, host, agents, policy: POLICY });
  const [alpha, beta] = await Promise.all([
    node("team-a", "alpha", ["lead", "coder0"]),
    node("team-b", "beta", ["lead", "secret0"]),
  ]);
  const members = [alpha, beta].map(({ tenantId, host, endpoint }) => ({ tenantId, host, text: formatEndpoint(endpoint) }));
  const aggregator = await walledAggregator(stack, fleet, members, POLICY);
  const adaHome = stack.use(await daemonHome({ name: "ada", fromSource: true }));
  const ada = await fleet.enrol(adaHome, { kind: "user", fleet: FLEET, tenantId: "team-a", name: "ada" });
  const world = { fleet, alpha, beta, aggregator, ada, adaHome };
  const bob = await fleet.credentialsOf({ kind: "user", fleet: FLEET, tenantId: "team-b", name: "bob" });
  for (const credentials of [ada, bob]) {
    const { client } = stack.use(fleet.clientOf(aggregator.endpoint, credentials));
    await eventually("the own host is live", async () => {
      const { hosts } = await client.list({});
      return hosts.length === 1 && hosts[0]?.state === HostState.LIVE;
    });
  }
  // What must never reach the other tenant.
  const { client } = stack.use(fleet.clientOf(beta.endpoint, bob));
  await client.send({ agent: { name: "secret0" }, messageId: "of-b", text: CANARY, waitMs: 1 });
  return world;
}

async function seesOwn({ fleet, aggregator, ada, adaHome }: World): Promise<void> {
  await using connection = fleet.clientOf(aggregator.endpoint, ada);
  const { client } = connection;
  const { agents, hosts, scope } = await client.list({});
  const { caller, tenantIds, countsOthers } = scope ?? {};
  assert.deepEqual([caller, tenantIds, countsOthers], ["tenant/team-a/user/ada", ["team-a"], false]);
  assert.deepEqual(agents.map(({ tenantId, host, name }) => `${tenantId}/${host}/${name}`).sort(), [
    "team-a/alpha/coder0",
    "team-a/alpha/lead",
  ]);
  assert.deepEqual(
    hosts.map(({ host }) => host),
    ["alpha"],
  );
  const { messages } = await client.listMessages({ withText: true });
  assert.ok(!JSON.stringify(messages, bigintText).includes(CANARY));
  const call = new AbortController();
  const seen: string[] = [];
  for await (const { frame } of client.watch({}, { signal: call.signal })) {
    seen.push(JSON.stringify(frame, bigintText));
    if (frame.case !== "bookmark") continue;
    assert.deepEqual(frame.value.scope?.tenantIds, ["team-a"]);
    break;
  }
  call.abort();
  assert.ok(seen.some((text) => text.includes("alpha")) && !seen.some((text) => /beta|secret0|team-b/.test(text)), seen.join());
  const ps = await adaHome.mosaic("fleet", "ps", "--all-hosts", "--json", "--endpoint", formatEndpoint(aggregator.endpoint));
  assert.ok(ps.stdout.includes("alpha") && !/beta|secret0|team-b/.test(ps.stdout), ps.stdout + ps.stderr);
  assert.deepEqual(JSON.parse(ps.stdout).scope, { tenants: ["team-a"], as: "tenant/team-a/user/ada", others: "hidden" });
}

type Calls = Readonly<Record<string, (client: FleetClient) => Promise<unknown>>>;

/** Every rpc that can be about an agent or message, about these. */
function callsAbout(tenantId: string, host: string, name: string, messageId: string): Calls {
  const agent = { tenantId, host, name };
  const selector = { tenantIds: [tenantId] };
  return {
    List: async (client) => {
      const { agents, hosts, conditions } = await client.list({ selector });
      return { agents, hosts, conditions };
    },
    ListLive: async (client) => {
      const { agents, hosts } = await client.list({ selector, live: true });
      return { agents, hosts };
    },
    Watch: (client) => firstRows(client, { selector }),
    ListMessages: (client) => client.listMessages({ selector, withText: true }),
    ListMessagesById: (client) =>
      client.listMessages({ messageIds: [messageId], withText: true }).then(({ messages }) => messages),
    Send: (client) => client.send({ agent, messageId: "m-1", text: "hello", waitMs: 1 }),
    SendByName: (client) => client.send({ agent: { name }, messageId: "m-2", text: "hello", waitMs: 1 }),
    Reset: (client) => client.reset({ agent, messageId: "m-3", waitMs: 1 }),
    Decide: (client) => client.decide({ agent, requestId: "r", decision: 1 }),
    Tail: (client) => first(client.tail({ agent, lines: 1 })),
    WatchTerminal: (client) => first(client.watchTerminal({ agent })),
    AttachTerminal: (client) => first(client.attachTerminal(opening(agent))),
    ReadLog: (client) => first(client.readLog({ tenantId, host })),
    ReadLogByName: (client) => first(client.readLog({ host })),
    CancelMessage: (client) => client.cancelMessage({ messageId }),
    CancelMessageOf: (client) => client.cancelMessage({ messageId, agent }),
    RetryMessage: (client) => client.retryMessage({ messageId }),
    RetryMessageOf: (client) => client.retryMessage({ messageId, agent }),
    RemoveHost: (client) => client.removeHost({ role: 1, tenantId, host, dryRun: true }),
    DrainHost: (client) => client.drainHost({ role: 1, tenantId, host, draining: true }),
  };
}

/** Whatever there is of the other tenant, and the same of a tenant that there is not, told apart by nothing. */
async function foreignIsAbsent({ fleet, aggregator, beta, ada }: World): Promise<void> {
  const real = callsAbout("team-b", "beta", "secret0", "of-b");
  const none = callsAbout("team-z", "zeta", "ghost09", "of-z");
  const names = (text: string) =>
    text.replaceAll("team-z", "team-b").replaceAll("zeta", "beta").replaceAll("ghost09", "secret0").replaceAll("of-z", "of-b");
  for (const [where, endpoint] of [
    ["aggregator", aggregator.endpoint],
    ["node", beta.endpoint],
  ] as const) {
    await using connection = fleet.clientOf(endpoint, ada);
    for (const [method, call] of Object.entries(real)) {
      const told = await outcome(call(connection.client));
      const absent = await outcome((none[method] as typeof call)(connection.client));
      assert.equal(told, names(absent), `${method} at the ${where}`);
      assert.ok(!told.includes(CANARY), `${method} at the ${where}`);
      if (where === "node") assert.match(told, /^refused/, `${method} at the ${where}`);
    }
  }
  assert.deepEqual(await inboxOf(beta), ["of-b"]);
}

async function sends({ aggregator, alpha, adaHome, fleet, ada }: World): Promise<void> {
  const endpoint = formatEndpoint(aggregator.endpoint);
  const mosaic = (...args: string[]) => adaHome.mosaic(...args, "--endpoint", endpoint, "--json");
  const sent = await mosaic("agent", "send", "coder0", "-m", "hello over the wall", "--id", "over-1", "--wait", "delivered");
  assert.equal(sent.exitCode, 0, sent.stdout + sent.stderr);
  assert.equal(JSON.parse(sent.stdout).receipt.state, "DELIVERED");
  const reset = await mosaic("agent", "reset", "coder0", "--new", "--id", "over-2", "--wait", "entered", "--timeout", "5s");
  assert.equal(JSON.parse(reset.stdout).receipt?.message_id, "over-2", reset.stdout + reset.stderr);
  const records = (await alpha.audit()).filter(({ action }) => action === "call.allow");
  const told = records.map(({ actor, agent, facts }) => [actor, agent, facts["method"], facts["relayed_by"]]);
  const relayed = (method: string) => ["tenant/team-a/user/ada", "team-a/alpha/coder0", method, "aggregator/agg-1"];
  assert.deepEqual(told, [relayed("Send"), relayed("Reset")]);
  // Without a signature the aggregator can do nothing of it.
  await using connection = fleet.clientOf(aggregator.endpoint, ada);
  const unsigned = { agent: { name: "coder0" }, messageId: "unsigned-1", text: "hello", waitMs: 20_000 };
  const { receipt } = await connection.client.send(unsigned);
  assert.match(receipt?.detail ?? "", /the capability of the call is refused/);
  // A node takes it from its caller itself.
  await using direct = fleet.clientOf(alpha.endpoint, ada);
  assert.equal(
    (await direct.client.send({ ...unsigned, messageId: "direct-1", waitFor: 2, waitMs: 1000 })).receipt?.messageId,
    "direct-1",
  );
}

async function observes({ fleet, aggregator, alpha }: World): Promise<void> {
  const olaf = await fleet.credentialsOf({ kind: "user", fleet: FLEET, tenantId: "team-a", name: "olaf" });
  for (const endpoint of [aggregator.endpoint, alpha.endpoint]) {
    await using connection = fleet.clientOf(endpoint, olaf);
    assert.equal((await connection.client.list({})).agents.length, 2);
    const send = connection.client.send({ agent: { name: "lead" }, messageId: "olaf-1", text: "x", waitMs: 1 });
    assert.match(await outcome(send), /NOT_ALLOWED.*no grant lets tenant\/team-a\/user\/olaf operate in/);
  }
}

async function surveys({ fleet, aggregator }: World): Promise<void> {
  const flo = await fleet.credentialsOf({ kind: "user", fleet: FLEET, tenantId: "ops", name: "flo" });
  await using connection = fleet.clientOf(aggregator.endpoint, flo);
  const { agents, hosts, scope } = await connection.client.list({});
  assert.deepEqual([scope?.tenantIds, scope?.countsOthers], [[], true]);
  assert.deepEqual(
    [agents.length, hosts.map(({ host, agentCount, address }) => [host, agentCount, address])],
    [
      0,
      [
        ["alpha", 2, ""],
        ["beta", 2, ""],
      ],
    ],
  );
}

async function strangers({ fleet, aggregator, alpha }: World): Promise<void> {
  const other = await walledFleet();
  const stranger = await other.credentialsOf({ kind: "user", fleet: FLEET, tenantId: "team-a", name: "ada" });
  for (const endpoint of [aggregator.endpoint, alpha.endpoint]) {
    await using connection = fleet.clientOf(endpoint, stranger);
    assert.match(await outcome(connection.client.info({})), /IDENTITY_REFUSED.*no authority of this fleet/);
  }
  // A node of tenant b is somebody, and has nothing to ask.
  const node = await fleet.credentialsOf({ kind: "node", fleet: FLEET, tenantId: "team-b", hostId: "h" });
  await using connection = fleet.clientOf(aggregator.endpoint, node);
  assert.match(await outcome(connection.client.list({})), /NOT_ALLOWED.*a node asks nothing/);
}

async function policyChanges({ fleet, alpha }: World): Promise<void> {
  const eve = await fleet.credentialsOf({ kind: "user", fleet: FLEET, tenantId: "team-a", name: "eve" });
  await using connection = fleet.clientOf(alpha.endpoint, eve);
  const { client } = connection;
  assert.match(await outcome(client.list({})), /NOT_ALLOWED/);
  await alpha.home.write("fleet/policy.yaml", `${POLICY}  - { role: observer, tenant: team-a, who: user/eve }\n`);
  await eventually("she may look", async () => (await outcome(client.list({}))).startsWith("ok"));
  const started = Promise.withResolvers<void>();
  const watching = outcome(read(client.watch({}), started.resolve));
  await started.promise;
  await alpha.home.write("fleet/policy.yaml", POLICY);
  assert.match(await watching, /NOT_ALLOWED/);
}

async function badIdentities({ fleet }: World): Promise<void> {
  await using home = await daemonHome({ name: "gamma", fromSource: true });
  await home.write("fleet/roster.yaml", quietRoster("gamma", ["lead"]));
  const fails = async (reason: RegExp) => {
    const end = await home.fails("node", "--no-systemd", "--listen", "https://127.0.0.1:0");
    assert.notEqual(end.exitCode, 0);
    assert.match(end.stderr, reason);
  };
  await fails(/there is no identity to show[\s\S]*mosaic host join/);
  await fleet.enrol(home, { kind: "node", fleet: FLEET, tenantId: "team-a", hostId: "another-host" });
  await fails(/holds the identity .*another-host\/node, and this is the node of tenant "team-a" and host id/);
  await chmod(join(home.mosaicHome, "fleet/identity/credentials.pem"), 0o644);
  await fails(/its mode is 0644, so that others may read the key in it[\s\S]*chmod 600 /);
  await chmod(join(home.mosaicHome, "fleet"), 0o770);
  await fails(/refusing to run in .*fleet: its mode is 0770, so that others may replace what is in it[\s\S]*chmod go-w /);
}

async function inboxOf({ home }: WalledHost): Promise<string[]> {
  const end = await home.mosaic("message", "list", "--json");
  const { items } = JSON.parse(end.stdout) as { items: { message_id: string }[] };
  return items.map(({ message_id: id }) => id);
}

/** What came of a call, in words that can be compared. */
async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    return `ok: ${JSON.stringify(await call, bigintText)}`;
  } catch (thrown) {
    const { code, message, hint, candidates } = fromConnectError(thrown, "call");
    return `refused: ${JSON.stringify({ code, message, hint, candidates })}`;
  }
}

async function first(stream: AsyncIterable<unknown>): Promise<unknown> {
  for await (const message of stream) return message;
  return "nothing";
}

async function firstRows(client: FleetClient, request: object): Promise<unknown> {
  const call = new AbortController();
  const rows: unknown[] = [];
  for await (const { frame } of client.watch(request, { signal: call.signal })) {
    if (frame.case === "snapshotEnd") break;
    if (frame.case !== "reset" && frame.case !== "bookmark") rows.push(frame);
  }
  call.abort();
  return rows;
}

async function read(stream: AsyncIterable<unknown>, onMessage: () => void): Promise<void> {
  for await (const _message of stream) onMessage();
}

async function* opening(agent: object) {
  yield { step: { case: "open" as const, value: { agent } } };
  await new Promise(() => {});
}

function bigintText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
