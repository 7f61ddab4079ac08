import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { serveWatch, silentLog } from "@mosaic/core";
import type { FleetConnection } from "@mosaic/rpc";
import { aHostStatus, anAgent, FakeClock, FakeMember, settle } from "@mosaic/testkit";
import { Role, WatchResponseSchema } from "@mosaic/wire";
import { FairSlots } from "./fan-out/fair-slots.ts";
import { nodeMember, nodeOf } from "./fleet-for-tests.ts";
import { Upstream } from "./upstream.ts";

function linked(stack: AsyncDisposableStack, connectTo: (fake: FakeMember) => FleetConnection = (fake) => fake.connect()) {
  const clock = new FakeClock();
  const fake = nodeOf(clock, "alpha");
  const links: string[] = [];
  let snapshots = 0;
  const connect = () => connectTo(fake);
  const deps = { clock, log: silentLog, random: () => 1, connect, countLost: () => 1, ownId: "own-id" };
  const upstream = stack.use(
    new Upstream(nodeMember("alpha"), deps, {
      onStep: (_from, step) => {
        snapshots += step.isSnapshot ? 1 : 0;
      },
      onLink: (from) => links.push(from.link.kind === "lost" ? `lost ${from.link.code}` : from.link.kind),
    }),
  );
  return { clock, fake, upstream, links, snapshots: () => snapshots };
}

/** Closes the next stream in an orderly way after a while. */
function closing(clock: FakeClock, fake: FakeMember, afterMs: number, retryAfterMs: number) {
  fake.handlers = {
    async *watch(request, { signal }) {
      const deps = { log: fake.log, clock, asOfNow: <T>(status: T) => status, random: () => 0.5, maxAgeMs: afterMs };
      for await (const frame of serveWatch(deps, request, signal)) {
        if (frame.frame.case === "closing") frame.frame.value.retryAfterMs = retryAfterMs;
        yield frame;
      }
    },
  };
}

test("a member that closes the stream in an orderly way is followed to a new one, and its hosts stay live", async () => {
  await using stack = new AsyncDisposableStack();
  let connections = 0;
  const { clock, links, fake, snapshots, upstream } = linked(stack, (member) => {
    connections += 1;
    return member.connect();
  });
  closing(clock, fake, 3_600_000, 0);
  fake.die();
  fake.revive(true);
  await clock.advance(5000);
  const before = { links: links.length, connections };
  await clock.advance(3 * 3_600_000);
  fake.setRow(anAgent({ name: "later" }));
  await clock.advance(100);
  assert.deepEqual(links.slice(before.links), [], "never lost");
  assert.ok(connections >= before.connections + 2, "over a connection of its own each hour");
  assert.deepEqual([upstream.view.state.rowCount, snapshots()], [2, 1], "resumed, not sent anew");
});

test("a stream that is to be made anew is, without a loss, and calls over the connection go on", async () => {
  await using stack = new AsyncDisposableStack();
  let closed = 0;
  const { clock, links, fake, snapshots, upstream } = linked(stack, (member) => {
    const connection = member.connect();
    const dispose = async () => {
      closed += 1;
    };
    return { client: connection.client, [Symbol.asyncDispose]: dispose };
  });
  await clock.advance(5000);
  upstream.renew();
  await settle();
  fake.setRow(anAgent({ name: "later" }));
  await clock.advance(100);
  assert.deepEqual([links, closed, upstream.view.state.rowCount, snapshots()], [["live"], 0, 2, 1]);
  assert.deepEqual(fake.streams.counts(), { Watch: 1 });
});

test("a member that closes every stream at once, or wants to be left alone for long, is lost for that time", async () => {
  for (const [afterMs, retryAfterMs] of [
    [2000, 0],
    [20_000, 30_000],
  ] as const) {
    await using stack = new AsyncDisposableStack();
    const { clock, links, fake, upstream } = linked(stack);
    closing(clock, fake, afterMs, retryAfterMs);
    fake.die();
    fake.revive(true);
    await clock.advance(30_000);
    assert.ok(links.includes("lost UNAVAILABLE") && links.length > 2, `${links}`);
    assert.ok(upstream.link.kind !== "lost" || /the member is closing: this stream is old/.test(upstream.link.detail));
  }
});

test("a member that is stopped on purpose is lost at once and says so until it is heard again", async () => {
  await using stack = new AsyncDisposableStack();
  const { clock, links, fake, upstream } = linked(stack);
  const stopping = new AbortController();
  fake.handlers = {
    watch: (request, { signal }) => {
      const deps = { log: fake.log, clock, asOfNow: <T>(status: T) => status, random: () => 0.5, stopping: stopping.signal };
      return serveWatch(deps, request, signal);
    },
  };
  fake.die();
  fake.revive(true);
  await clock.advance(20_000);
  assert.equal(links.at(-1), "live");
  const detail = () => (upstream.link.kind === "lost" ? upstream.link.detail : "");
  stopping.abort();
  await settle();
  assert.match(detail(), /the member is closing: it was stopped on purpose, or is being started anew$/);
  fake.die();
  await clock.advance(5000);
  assert.match(detail(), /connection refused; its last word: it was stopped on purpose/);
  fake.handlers = {};
  fake.revive(true);
  await clock.advance(5000);
  assert.equal(upstream.link.kind, "live");
  fake.die();
  fake.revive(false);
  fake.die();
  await clock.advance(1000);
  assert.doesNotMatch(detail(), /last word/);
});

test("a view that diverged is told to the member with the next watch", async () => {
  await using stack = new AsyncDisposableStack();
  const { clock, fake } = linked(stack);
  await settle();
  const told: boolean[] = [];
  fake.handlers = {
    async *watch(request) {
      told.push(request.viewDiverged);
      yield create(WatchResponseSchema, {
        frame: { case: "bookmark", value: { rowCount: 7, resumeToken: new Uint8Array([1]) } },
      });
    },
  };
  fake.die();
  fake.revive(false);
  await clock.advance(1000);
  assert.deepEqual(told.slice(0, 2), [false, true]);
});

test("connections that are being made wait for a place, and their time begins with it", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const handshakes = new FairSlots({ total: 2, perGroup: 1, perKey: 1 });
  let open = 0;
  let most = 0;
  const fakes = ["a", "b", "c"].map((host) => {
    const fake = new FakeMember({ clock, host });
    fake.setHost(aHostStatus({ host }));
    fake.handlers = { info: () => ({ role: Role.NODE, protocolVersion: 1, tenantId: "team-a", host, id: `id-${host}` }) };
    return fake;
  });
  const upstreams = fakes.map((fake, index) => {
    const name = ["a", "b", "c"][index] ?? "";
    const connect = () => {
      const { client, ...rest } = fake.connect();
      const info: typeof client.info = async (...args) => {
        open += 1;
        most = Math.max(most, open);
        await settle();
        open -= 1;
        return await client.info(...args);
      };
      return { ...rest, [Symbol.asyncDispose]: async () => {}, client: { ...client, info } };
    };
    const deps = { clock, log: silentLog, random: () => 1, connect, countLost: () => 1, ownId: "own-id", handshakes };
    return stack.use(new Upstream(nodeMember(name), deps, { onStep: () => {}, onLink: () => {} }));
  });
  for (let turn = 0; turn < 20; turn += 1) await settle();
  assert.deepEqual([upstreams.map((upstream) => upstream.link.kind), most], [["live", "live", "live"], 1]);
  assert.deepEqual(handshakes.counts, { inUse: 0, waiting: 0 });
});

test("a member that is resumed is live with the bookmark that says how old all is, not with the first change", async () => {
  await using stack = new AsyncDisposableStack();
  const { clock, fake, upstream } = linked(stack);
  const seen: string[] = [];
  await clock.advance(1000);
  fake.revive(false);
  await settle();
  assert.equal(upstream.link.kind, "lost");
  fake.setRow(anAgent({ name: "coder0" }));
  fake.handlers = {
    async *watch(request, { signal }) {
      const served = { log: fake.log, clock, asOfNow: <T>(status: T) => status, random: () => 0.5 };
      for await (const frame of serveWatch(served, request, signal)) {
        seen.push(`${frame.frame.case} after ${upstream.link.kind}`);
        yield frame;
        await settle();
      }
    },
  };
  await clock.advance(3000);
  await settle();
  assert.deepEqual(seen.slice(0, 2), ["upsert after lost", "bookmark after lost"]);
  assert.equal(upstream.link.kind, "live");
});
