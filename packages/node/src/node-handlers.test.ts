import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { MosaicError, silentLog } from "@mosaic/core";
import { connectFleet, type Endpoint, fromConnectError } from "@mosaic/rpc";
import {
  eventually,
  FakeHost,
  memoryMessageStore,
  ROSTER_PATH,
  RUN_DIRECTORY,
  realClock,
  WORKERS_DIRECTORY,
} from "@mosaic/testkit";
import { AgentState, HeartbeatRequestSchema, HeartbeatStatus } from "@mosaic/wire";
import { openRoster } from "./roster-source.ts";
import { startNode } from "./start-node.ts";

const anyPort: Endpoint = { kind: "tcp", hostname: "127.0.0.1", port: 0 };

function start(host: FakeHost, listen: readonly Endpoint[]) {
  const roster = { path: ROSTER_PATH, workersDirectory: WORKERS_DIRECTORY, defaultTenant: "nobody", defaultHost: "nowhere" };
  return startNode(
    {
      planes: host.planes(),
      openRoster: (onChange) => openRoster(host.files, silentLog, roster, onChange),
      mannersOf: () => undefined,
      store: memoryMessageStore(),
      keyboard: host.terminal,
      audit: host.audit,
      resetCommandOf: () => undefined,
      tracer: host.tracer,
      log: silentLog,
      newId: () => "epoch",
    },
    { hostId: host.hostId, version: "1.2.3", pid: 4711, runDirectory: RUN_DIRECTORY, listen },
  );
}

const fakeHost = () => new FakeHost({ tenantId: "team-a", host: "alpha", clock: realClock, agents: ["lead"] });
const busy = create(HeartbeatRequestSchema, { agent: { name: "lead" }, status: HeartbeatStatus.BUSY });

test("heartbeats are not taken over TCP, where anybody on the machine could forge them", async () => {
  await using stack = new AsyncDisposableStack();
  const node = stack.use(await start(fakeHost(), [anyPort]));
  const [endpoint = anyPort] = node.endpoints;
  const { client } = stack.use(connectFleet(endpoint));
  const error = fromConnectError(await client.heartbeat(busy).catch((thrown: unknown) => thrown), "heartbeat");
  assert.equal(error.code, "NOT_ALLOWED");
  assert.match(error.hint ?? "", /MOSAIC_NODE_SOCKET/);
  assert.equal((await client.list({})).agents[0]?.heartbeat, undefined);
});

test("a heartbeat shows at once, and is answered with the interval to keep", async () => {
  await using stack = new AsyncDisposableStack();
  const { client } = stack.use(stack.use(await start(fakeHost(), [])).connect());
  assert.equal((await client.heartbeat(busy)).intervalMs, 15_000);
  await eventually("the row says so", async () => (await client.list({})).agents[0]?.state === AgentState.WORKING);
});

test("a heartbeat file that is written shows without waiting for the slow re-read", async () => {
  await using stack = new AsyncDisposableStack();
  const host = fakeHost();
  const { client } = stack.use(stack.use(await start(host, [])).connect());
  host.writeHeartbeatFile("lead", "busy");
  await eventually("the row says so", async () => (await client.list({})).agents[0]?.state === AgentState.WORKING, 3000);
});

test("a node answers with its rows from its very first answer on", async () => {
  await using stack = new AsyncDisposableStack();
  const { client } = stack.use(stack.use(await start(fakeHost(), [])).connect());
  const { agents, hosts } = await client.list({});
  assert.deepEqual([agents.length, hosts.length], [1, 1]);
});

test("Info says which software runs, where, and for how long", async () => {
  await using stack = new AsyncDisposableStack();
  const { client } = stack.use(stack.use(await start(fakeHost(), [])).connect());
  const first = await client.info({});
  assert.deepEqual([first.version, first.pid, first.host, first.epoch], ["1.2.3", 4711, "alpha", "epoch"]);
  await eventually("the uptime rises", async () => (await client.info({})).uptimeMs > first.uptimeMs);
});

test("a node that can't start leaves nothing behind", async () => {
  const host = fakeHost();
  const blocker = await start(host, [anyPort]);
  const other = fakeHost();
  await assert.rejects(
    start(other, blocker.endpoints),
    (thrown) => thrown instanceof MosaicError && thrown.code === "ALREADY_RUNNING",
  );
  assert.equal(other.files.listenerCount(RUN_DIRECTORY), 0);
  await blocker[Symbol.asyncDispose]();
  assert.equal(host.files.listenerCount(RUN_DIRECTORY), 0);
});

test("a reset types what the roster says of the runtime, else what is known of it", async () => {
  await using stack = new AsyncDisposableStack();
  const host = fakeHost();
  const { client } = stack.use(stack.use(await start(host, [])).connect());
  const reset = async (messageId: string) => (await client.reset({ agent: { name: "lead" }, messageId })).command;
  await assert.rejects(reset("r-1"), /no reset command/);
  const roster = JSON.parse((await host.files.read(ROSTER_PATH, 10_000)) ?? "");
  host.files.write(ROSTER_PATH, JSON.stringify({ ...roster, runtimes: { stub: { reset_command: "/forget" } } }));
  await eventually("the new roster is in force", async () => (await reset("r-2").catch(() => "")) === "/forget");
  assert.ok(host.terminal.typed.some((input) => input.value === "/forget"));
});

test("a node that stops has the end of a takeover on record", async () => {
  const host = fakeHost();
  const node = await start(host, [anyPort]);
  const [endpoint = anyPort] = node.endpoints;
  await using connection = connectFleet(endpoint);
  async function* stay() {
    yield { step: { case: "open", value: { agent: { name: "lead" } } } } as const;
    await new Promise(() => {});
  }
  const frames = connection.client.attachTerminal(stay())[Symbol.asyncIterator]();
  await frames.next();
  // A slow disk: whoever does not wait for the record ends before it.
  host.audit.beforeRecord = () => new Promise((resolve) => setTimeout(resolve, 50));
  await node[Symbol.asyncDispose]();
  assert.deepEqual(
    host.audit.entries.map(({ action }) => action),
    ["agent.attach", "agent.detach"],
  );
  await frames.next().catch(() => {});
});
