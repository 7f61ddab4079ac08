import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { aborted, silentLog } from "@mosaic/core";
import type { Address, Member } from "@mosaic/core/membership";
import type { FleetConnection } from "@mosaic/rpc";
import { aHostStatus, anAgent, FakeClock, FakeMember, type FakeMemberOptions, settle } from "@mosaic/testkit";
import { HostState, Role, WatchResponseSchema } from "@mosaic/wire";
import { Upstream } from "./upstream.ts";

const alphaMember: Member = { name: "alpha", tenantId: "team-a", role: "node", addresses: [{ kind: "unix", path: "/alpha" }] };

function linked(
  stack: AsyncDisposableStack,
  {
    options = {} as Partial<FakeMemberOptions>,
    member = alphaMember,
    prepare = (_: FakeMember) => {},
    connect = undefined as ((address: Address) => FleetConnection) | undefined,
  } = {},
) {
  const clock = new FakeClock();
  const fake = new FakeMember({ clock, host: "alpha", ...options });
  fake.setHost(aHostStatus());
  fake.setRow(anAgent());
  prepare(fake);
  const links: string[] = [];
  let snapshots = 0;
  const deps = { clock, log: silentLog, random: () => 1, connect: connect ?? fake.connect, countLost: () => 1, ownId: "own-id" };
  const upstream = stack.use(
    new Upstream(member, deps, {
      onStep: (_from, step) => {
        snapshots += step.isSnapshot ? 1 : 0;
      },
      onLink: (from) => links.push(from.link.kind === "lost" ? `lost ${from.link.code}` : from.link.kind),
    }),
  );
  return { clock, fake, upstream, links, snapshots: () => snapshots };
}

test("a member is warming until its snapshot is complete, and live then", async () => {
  await using stack = new AsyncDisposableStack();
  const { upstream, links, fake } = linked(stack);
  assert.equal(upstream.link.kind, "warming");
  await settle();
  assert.deepEqual([links, upstream.view.state.rowCount], [["live"], 1]);
  fake.setRow(anAgent({ name: "coder0" }));
  await settle();
  assert.equal(upstream.view.state.rowCount, 2);
});

test("a member that falls silent is silent after 7.5 s, and the next word makes it live again", async () => {
  await using stack = new AsyncDisposableStack();
  const { clock, links, fake } = linked(stack);
  await clock.advance(21_000);
  assert.deepEqual(links, ["live"], "a bookmark each 3 s, the last just now, keeps it live");
  fake.isMute = true;
  await clock.advance(7400);
  assert.deepEqual(links, ["live"]);
  await clock.advance(600);
  assert.deepEqual(links, ["live", "silent"]);
  fake.isMute = false;
  await clock.advance(3000);
  assert.deepEqual(links, ["live", "silent", "live"]);
});

test("a member that stays silent for 12 s is lost, and its call is ended", async () => {
  await using stack = new AsyncDisposableStack();
  const { clock, links, fake } = linked(stack);
  await clock.advance(21_000);
  fake.isMute = true;
  await clock.advance(12_600);
  assert.deepEqual(links, ["live", "silent", "lost DEADLINE_EXCEEDED"]);
  fake.isMute = false;
  await clock.advance(5000);
  assert.deepEqual([links.at(-1), fake.streams.counts()], ["live", { Watch: 1 }]);
});

test("a member that begins a snapshot and does not end it is not live, and is lost in the end", async () => {
  await using stack = new AsyncDisposableStack();
  const { clock, fake, links } = linked(stack);
  await settle();
  fake.handlers = {
    async *watch(_request, { signal }) {
      yield create(WatchResponseSchema, { frame: { case: "reset", value: {} } });
      await aborted(signal);
    },
  };
  fake.die();
  fake.revive(true);
  await clock.advance(13_000);
  assert.deepEqual(links, ["live", "lost UNAVAILABLE", "lost DEADLINE_EXCEEDED"]);
});

test("a stream that ends is a lost member, tried again soon, and resumed without a snapshot", async () => {
  await using stack = new AsyncDisposableStack();
  const { clock, fake, upstream, links, snapshots } = linked(stack);
  await settle();
  fake.die();
  await settle();
  assert.deepEqual(links, ["live", "lost UNAVAILABLE"]);
  assert.equal(upstream.view.state.rowCount, 1, "what was known stays");
  fake.revive(false);
  fake.setRow(anAgent({ name: "meanwhile" }));
  await clock.advance(250);
  assert.deepEqual([links.at(-1), upstream.view.state.rowCount, snapshots()], ["live", 2, 1]);
});

test("a member that was restarted is snapshotted anew", async () => {
  await using stack = new AsyncDisposableStack();
  const { clock, fake, upstream, snapshots } = linked(stack);
  await settle();
  fake.die();
  fake.setRow(anAgent({ name: "meanwhile" }));
  fake.revive(true);
  await clock.advance(250);
  assert.deepEqual([upstream.link.kind, upstream.view.state.rowCount, snapshots()], ["live", 2, 2]);
});

test("a member that stays away is tried again and again, with longer and longer pauses up to 3 s", async () => {
  await using stack = new AsyncDisposableStack();
  const attemptsAtMs: number[] = [];
  const { clock } = linked(stack, {
    prepare: (fake) => {
      fake.handlers = {
        info: () => {
          attemptsAtMs.push(clock.monotonicMs());
          throw new Error("no");
        },
      };
    },
  });
  await clock.advance(20_000);
  const pauses = attemptsAtMs.slice(1).map((atMs, index) => atMs - (attemptsAtMs[index] ?? 0));
  assert.deepEqual(pauses.slice(0, 7), [250, 500, 1000, 2000, 3000, 3000, 3000]);
});

test("addresses are tried in turn", async () => {
  await using stack = new AsyncDisposableStack();
  const dead = new FakeMember({ clock: new FakeClock(), host: "alpha" });
  dead.die();
  const tried: string[] = [];
  const addresses = [
    { kind: "unix", path: "/a" },
    { kind: "unix", path: "/b" },
    { kind: "unix", path: "/c" },
  ] as const;
  const living: { fake?: FakeMember } = {};
  const { clock, upstream, fake } = linked(stack, {
    member: { ...alphaMember, addresses: [...addresses] },
    connect: (endpoint) => {
      const path = endpoint.kind === "unix" ? endpoint.path : "";
      tried.push(path);
      return path === "/c" && living.fake ? living.fake.connect() : dead.connect();
    },
  });
  living.fake = fake;
  await clock.advance(10_000);
  assert.deepEqual([tried, upstream.link.kind], [["/a", "/b", "/c"], "live"]);
});

test("a view that does not add up is thrown away, and a fresh one is fetched", async () => {
  await using stack = new AsyncDisposableStack();
  const tokens: number[] = [];
  const { clock, fake, upstream, links } = linked(stack);
  await settle();
  fake.handlers = {
    async *watch({ resumeToken }) {
      tokens.push(resumeToken.length);
      yield create(WatchResponseSchema, {
        frame: { case: "bookmark", value: { rowCount: 7, resumeToken: new Uint8Array([1]) } },
      });
    },
  };
  fake.die();
  fake.revive(false);
  await clock.advance(250);
  fake.handlers = {};
  await clock.advance(5000);
  assert.equal(tokens.length, 1);
  assert.ok((tokens[0] ?? 0) > 0);
  assert.deepEqual([links.at(-1), upstream.view.state.rowCount], ["live", 1]);
});

test("disposed, it ends its calls and nothing of it sleeps on", async () => {
  for (const wait of [async () => {}, settle]) {
    const stack = new AsyncDisposableStack();
    const { clock, fake } = linked(stack);
    await wait();
    await stack.disposeAsync();
    await settle();
    assert.deepEqual([fake.streams.counts(), clock.sleeperCount], [{}, 0]);
  }
});

const strangers: [string, Partial<FakeMemberOptions>, Member, HostState, RegExp][] = [
  [
    "another host",
    { host: "mallory" },
    alphaMember,
    HostState.AUTH_FAILED,
    /team-a\/alpha is expected there, team-a\/mallory answers/,
  ],
  ["another tenant", { tenantId: "team-b" }, alphaMember, HostState.AUTH_FAILED, /team-b\/alpha answers/],
  [
    "an aggregator where a node is expected",
    { role: Role.AGGREGATOR },
    alphaMember,
    HostState.AUTH_FAILED,
    /the role node is expected/,
  ],
  [
    "a node where an aggregator is expected",
    {},
    { ...alphaMember, role: "aggregator", tenantId: "" },
    HostState.AUTH_FAILED,
    /the role aggregator is expected/,
  ],
  [
    "ourselves",
    { role: Role.AGGREGATOR, id: "own-id" },
    { ...alphaMember, role: "aggregator", tenantId: "" },
    HostState.INCOMPATIBLE,
    /this aggregator itself/,
  ],
];
for (const [who, options, member, state, detail] of strangers) {
  test(`${who} at a member's address is refused by name, and nothing of it is believed`, async () => {
    await using stack = new AsyncDisposableStack();
    const { upstream, snapshots } = linked(stack, { options, member });
    await settle();
    assert.ok(upstream.link.kind === "lost");
    assert.equal(upstream.link.state, state);
    assert.match(upstream.link.detail, detail);
    assert.equal(snapshots(), 0);
  });
}

test("a member of a newer contract is incompatible, and says which", async () => {
  await using stack = new AsyncDisposableStack();
  const { upstream } = linked(stack, {
    prepare: (fake) => {
      fake.handlers = { info: () => ({ role: Role.NODE, protocolVersion: 2, tenantId: "team-a", host: "alpha", id: "x" }) };
    },
  });
  await settle();
  assert.ok(upstream.link.kind === "lost" && upstream.link.state === HostState.INCOMPATIBLE);
  assert.match(upstream.link.detail, /contract 2, we speak 1/);
});

test("a node that speaks for another host is refused: a node speaks for itself", async () => {
  for (const other of [aHostStatus({ host: "beta" }), aHostStatus({ tenantId: "team-b" })]) {
    await using stack = new AsyncDisposableStack();
    const { upstream, fake } = linked(stack);
    await settle();
    fake.setHost(other);
    await settle();
    assert.ok(upstream.link.kind === "lost" && upstream.link.state === HostState.AUTH_FAILED, upstream.link.kind);
    assert.match(upstream.link.detail, new RegExp(`${other.tenantId}/${other.host}`));
  }
});
