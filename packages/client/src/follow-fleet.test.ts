import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { aHostStatus, anAgent, FakeClock, FakeMember, settle } from "@mosaic/testkit";
import type { FleetUpdate } from "./fleet-update.ts";
import { openFleet } from "./open-fleet.ts";

/** A member with one agent, a client of it, and what its watch has told so far. */
function watched(stack: AsyncDisposableStack) {
  const clock = new FakeClock();
  const fake = new FakeMember({ clock, host: "alpha" });
  fake.setHost(aHostStatus());
  fake.setRow(anAgent());
  // Each call finds the member as it is then: as over a network.
  let connection = fake.connect();
  const client = new Proxy(connection.client, {
    get: (_target, name) => Reflect.get(connection.client, name),
  });
  const fleet = stack.use(openFleet({ connection: { ...connection, client }, clock }, {}));
  const stop = new AbortController();
  stack.defer(() => stop.abort());
  const told: string[] = [];
  const ended = (async () => {
    for await (const update of fleet.watch(stop.signal)) told.push(textOf(update));
  })();
  const revive = (isNewLife: boolean) => {
    fake.revive(isNewLife);
    connection = fake.connect();
  };
  return { clock, fake, stop, told, ended, revive };
}

function textOf(update: FleetUpdate): string {
  if (update.kind === "agent") return `agent ${update.agent.name}`;
  if (update.kind === "host") return `host ${update.host.host}`;
  return update.kind === "agent-gone" ? `gone ${update.key.name}` : update.kind;
}

test("a watch tells the fleet, says when that was all, and tells every change after it", async () => {
  await using stack = new AsyncDisposableStack();
  const { fake, told, stop, ended } = watched(stack);
  await settle();
  assert.deepEqual(told, ["host alpha", "agent lead", "current"]);
  fake.setRow(anAgent({ name: "coder0" }));
  await settle();
  assert.deepEqual(told.slice(3), ["agent coder0"]);
  stop.abort();
  await ended;
  assert.deepEqual(fake.streams.counts(), {}, "no stream is left");
});

test("a lost connection is told, resumed, and only what changed meanwhile is told again", async () => {
  for (const isNewLife of [false, true]) {
    await using stack = new AsyncDisposableStack();
    const { clock, fake, told, revive } = watched(stack);
    await clock.advance(100);
    fake.die();
    await clock.advance(2000);
    assert.deepEqual(told.slice(3), ["lost", "lost", "lost", "lost"], "at once, and after 250, 500 and 1000 ms");
    fake.setRow(anAgent({ name: "coder0" }));
    revive(isNewLife);
    await clock.advance(10_000);
    const after = told.slice(3).filter((text) => text !== "lost");
    assert.deepEqual(after, isNewLife ? ["host alpha", "agent coder0", "current"] : ["agent coder0", "current"]);
  }
});

test("what no other attempt will cure ends the watch with its own error", async () => {
  await using stack = new AsyncDisposableStack();
  const { clock, fake, ended } = watched(stack);
  await settle();
  fake.handlers = {
    async *watch() {
      yield Promise.reject(new MosaicError("NOT_ALLOWED", "bob may not watch team-a"));
    },
  };
  fake.revive(false);
  const refused = assert.rejects(ended, { code: "NOT_ALLOWED", message: /bob may not watch/ });
  await clock.advance(1000);
  await refused;
});
