/** Messages that two aggregators share: one carries each, under a lease. */
import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { type MessageStore, MosaicError, type StoredMessage, withStep } from "@mosaic/core";
import { aMessage, eventually } from "@mosaic/testkit";
import { DeliveryState } from "@mosaic/wire";
import { emptyDatabase } from "./empty-database.ts";
import { sharedPostgres } from "./shared-postgres.ts";

const { QUEUED, DELIVERED, ACCEPTED, FAILED, EXPIRED } = DeliveryState;
const FAR_MS = 4_102_444_800_000;
const postgres = sharedPostgres();

/** Two aggregators on one database, each with its own way to it. */
async function two(context: TestContext, { leaseMs = 60_000 } = {}) {
  const database = await emptyDatabase(postgres.server, context);
  const otherGate = await database.makeGate();
  const one = (await database.open({ ownId: "a-1", leaseMs })).messages;
  const other = (await database.open({ ownId: "a-2", leaseMs, by: otherGate })).messages;
  return { ...database, otherGate, one, other };
}

const aLasting = (messageId = "m-1", to = "lead") =>
  aMessage({ messageId, to, text: `text of ${messageId}`, expiresAtUnixMs: FAR_MS });

function stepped(message: Pick<StoredMessage, "receipt">, ...states: DeliveryState[]): Pick<StoredMessage, "receipt"> {
  return { receipt: states.reduce((receipt, state) => withStep(receipt, state, { atUnixMs: 5 }), message.receipt) };
}

async function seen(store: MessageStore, isIt: (message: StoredMessage) => boolean, messageId = "m-1"): Promise<StoredMessage> {
  const isSeen = () => {
    const message = store.get(messageId);
    return message !== undefined && isIt(message) && message;
  };
  // A database that lost a moment to a busy disk is asked again after a pause that doubles.
  return await eventually("it is seen there", isSeen, 40_000);
}

const stateOf = (store: MessageStore, messageId = "m-1") => store.get(messageId)?.receipt.state;
const refusedAs = (code: MosaicError["code"]) => (thrown: unknown) => thrown instanceof MosaicError && thrown.code === code;

describe("an outbox that two aggregators share", { skip: postgres.skip }, () => {
  test("both see every message, and one carries it", async (context) => {
    const { one, other } = await two(context);
    const heard: string[] = [];
    using _ = other.onChange(({ messageId, carriedBy }) => heard.push(`${messageId} ${carriedBy}`));
    await one.add(aLasting());
    const there = await seen(other, () => true);
    assert.deepEqual([there.carriedBy, there.text, one.get("m-1")?.carriedBy], ["a-1", "text of m-1", undefined]);
    assert.deepEqual(heard, ["m-1 a-1"]);
    await one.update("m-1", stepped(aLasting(), DELIVERED));
    await seen(other, ({ receipt }) => receipt.state === DELIVERED);
  });

  test("an id that both are sent at the same time is one message", async (context) => {
    const { one, other } = await two(context);
    const ids = Array.from({ length: 30 }, (_, index) => `m-${index}`);
    const added = await Promise.all(ids.flatMap((id) => [one, other].map((store) => store.add(aLasting(id)))));
    assert.equal(added.filter(({ isNew }) => isNew).length, ids.length);
    assert.deepEqual([...one.all()].map(({ messageId }) => messageId).sort(), ids.toSorted());
  });

  test("what another one carries is not ended here; what its host told is kept, whoever heard it", async (context) => {
    const { one, other } = await two(context);
    const { message } = await one.add(aLasting());
    await seen(other, () => true);
    await assert.rejects(other.update("m-1", stepped(message, FAILED)), refusedAs("NOT_HERE"));
    assert.deepEqual([stateOf(other), stateOf(one)], [QUEUED, QUEUED]);
    await other.update("m-1", stepped(message, DELIVERED, ACCEPTED));
    assert.equal(stateOf(other), ACCEPTED);
    // The one that carries it has not heard of that yet, or has.
    await one.update("m-1", stepped(message, EXPIRED));
    await seen(one, ({ receipt }) => receipt.state === ACCEPTED);
    assert.equal(one.get("m-1")?.carriedBy, undefined);
  });

  test("what has ended is begun anew by whoever is asked, and carried there", async (context) => {
    const { one, other } = await two(context);
    const { message } = await one.add(aLasting());
    await one.update("m-1", stepped(message, FAILED));
    await seen(other, ({ receipt }) => receipt.state === FAILED);
    await other.update("m-1", { receipt: aLasting().receipt });
    assert.deepEqual([stateOf(other), other.get("m-1")?.carriedBy], [QUEUED, undefined]);
    await seen(one, ({ carriedBy }) => carriedBy === "a-2");
  });

  test("what a lost aggregator carried is taken over, and what it believes when it is back is refused", async (context) => {
    const { one, other, gate } = await two(context, { leaseMs: 2000 });
    const { message } = await one.add(aLasting());
    await seen(other, ({ carriedBy }) => carriedBy === "a-1");
    gate.setOpen(false);
    await seen(other, ({ carriedBy }) => carriedBy === undefined);
    await other.update("m-1", stepped(message, DELIVERED));
    await eventually("it notices", () => one.health().refusal !== undefined);
    assert.deepEqual([stateOf(one), one.get("m-1")?.text], [QUEUED, "text of m-1"], "reading goes on");
    gate.setOpen(true);
    await seen(one, ({ carriedBy, receipt }) => carriedBy === "a-2" && receipt.state === DELIVERED);
    await eventually("it is well again", () => one.health().refusal === undefined);
    await assert.rejects(one.update("m-1", stepped(message, EXPIRED)), refusedAs("NOT_HERE"));
    assert.equal(stateOf(other), DELIVERED);
  });

  test("one that slept past the end of its lease, and has heard of nothing, is refused all the same", async (context) => {
    const { open, connect } = await emptyDatabase(postgres.server, context);
    // It looks so rarely that it can't know.
    const sleeper = (await open({ ownId: "a-1", pollMs: 3_600_000, leaseMs: 300 })).messages;
    const { message } = await sleeper.add(aLasting());
    const other = (await open({ ownId: "a-2" })).messages;
    await seen(other, ({ carriedBy }) => carriedBy === undefined);
    await assert.rejects(sleeper.update("m-1", stepped(message, EXPIRED)), refusedAs("NOT_HERE"));
    const { rows } = await (await connect()).query("SELECT owner, is_open FROM mosaic.message");
    assert.deepEqual(rows, [{ owner: "a-2", is_open: true }]);
  });

  test("an aggregator that ends in order leaves its messages at once; one that starts again has its own back", async (context) => {
    const { open } = await emptyDatabase(postgres.server, context);
    const first = (await open({ ownId: "a-1" })).messages;
    await first.add(aLasting());
    await first[Symbol.asyncDispose]();
    const other = (await open({ ownId: "a-2" })).messages;
    assert.equal(other.get("m-1")?.carriedBy, undefined);
    // Killed: its lease lasts, and it is the same aggregator that comes back.
    const again = (await open({ ownId: "a-2" })).messages;
    assert.equal(again.get("m-1")?.carriedBy, undefined);
  });

  test("only who can reach a host takes its messages over; once expired anybody ends them", async (context) => {
    const { open } = await emptyDatabase(postgres.server, context);
    const first = (await open({ ownId: "a-1" })).messages;
    await first.add(aLasting());
    await first.add({ ...aLasting("m-old"), expiresAtUnixMs: 1000 });
    const other = (await open({ ownId: "a-2" })).messages;
    let canCarry = false;
    other.carryOnly?.(() => canCarry);
    await first[Symbol.asyncDispose]();
    await seen(other, ({ carriedBy }) => carriedBy === undefined, "m-old");
    assert.equal(other.get("m-1")?.carriedBy, "a-1");
    canCarry = true;
    await seen(other, ({ carriedBy }) => carriedBy === undefined);
  });

  test("a message whose host one can't reach is carried by the other that can, and by nobody while none can", async (context) => {
    const { one, other } = await two(context, { leaseMs: 1000 });
    const reach = { one: false, other: false };
    one.carryOnly?.(() => reach.one);
    other.carryOnly?.(() => reach.other);
    const { message } = await one.add(aLasting());
    await seen(one, ({ carriedBy }) => carriedBy === "");
    // Who looks after it there is asked either way.
    await other.update("m-1", stepped(message, FAILED));
    await other.update("m-1", { receipt: aLasting().receipt });
    await seen(other, ({ carriedBy }) => carriedBy === "");
    reach.other = true;
    await seen(other, ({ carriedBy }) => carriedBy === undefined);
    await seen(one, ({ carriedBy }) => carriedBy === "a-2");
  });

  test("one that is alone keeps what it can't carry", async (context) => {
    const { open, connect } = await emptyDatabase(postgres.server, context);
    const { messages } = await open({ leaseMs: 300 });
    messages.carryOnly?.(() => false);
    await messages.add(aLasting());
    const others = await connect();
    const leaseEndMs = async () => {
      const { rows } = await others.query("SELECT extract(epoch FROM ends_at) * 1000 AS ms FROM mosaic.lease");
      return Number(rows[0]?.ms);
    };
    const firstEndMs = await leaseEndMs();
    await eventually("several leases went by", async () => (await leaseEndMs()) > firstEndMs + 1200);
    const { rows } = await others.query("SELECT owner FROM mosaic.message");
    assert.deepEqual([messages.get("m-1")?.carriedBy, rows], [undefined, [{ owner: "a-1" }]]);
  });

  test("what was acknowledged is there after the server crashed", async (context) => {
    const { one, other } = await two(context);
    const ids = Array.from({ length: 200 }, (_, index) => `m-${index}`);
    await Promise.all(ids.map((id) => one.add(aLasting(id, id))));
    await postgres.server.stop();
    await postgres.server.start();
    await eventually("it is back", () => other.health().refusal === undefined && [...other.all()].length === ids.length);
    assert.deepEqual(
      [...other.all()].map(({ messageId }) => messageId),
      ids,
    );
  });

  test("a database that says nothing costs a deadline once; then it is refused at once, and reading never waits", async (context) => {
    const { open, gate } = await emptyDatabase(postgres.server, context);
    const { messages } = await open({ deadlineMs: 1000 });
    const { message } = await messages.add(aLasting());
    gate.setStalled(true);
    await assert.rejects(messages.add(aLasting("m-2")), refusedAs("STORE_UNAVAILABLE"));
    const startedMs = performance.now();
    for (let turn = 0; turn < 100; turn += 1)
      await assert.rejects(messages.update("m-1", stepped(message, FAILED)), refusedAs("STORE_UNAVAILABLE"));
    assert.ok(performance.now() - startedMs < 1000, "a hundred refusals took as long as a deadline");
    assert.equal(stateOf(messages), QUEUED);
    gate.setStalled(false);
    await eventually("it works again", () => messages.health().refusal === undefined);
    assert.equal((await messages.add(aLasting("m-2"))).isNew, true);
  });

  test("what was in doubt when the connection broke is undone, and may come again", async (context) => {
    const { open, gate, connect } = await emptyDatabase(postgres.server, context);
    const { messages } = await open();
    const others = await connect();
    gate.shutAfter("COMMIT");
    await assert.rejects(
      messages.add(aLasting()),
      (thrown) => refusedAs("STORE_UNAVAILABLE")(thrown) && /not known/.test(String(thrown)),
    );
    const { rows } = await others.query("SELECT message_id FROM mosaic.message");
    gate.setOpen(true);
    assert.deepEqual(rows, [{ message_id: "m-1" }], "it was committed, and nobody was told");
    await eventually("it works again", () => messages.health().refusal === undefined);
    assert.deepEqual([...messages.all()], []);
    assert.equal((await messages.add(aLasting())).isNew, true);
  });

  test("what one forgets comes back to nobody", async (context) => {
    const { one, other } = await two(context);
    const { message } = await one.add(aMessage({ expiresAtUnixMs: 1 }));
    await one.update("m-1", stepped(message, FAILED));
    await seen(other, ({ receipt }) => receipt.state === FAILED);
    assert.equal(await one.forget(FAR_MS), 1);
    assert.equal(await other.forget(FAR_MS), 1);
    await other.add(aLasting());
    assert.equal((await seen(one, () => true)).text, "text of m-1");
  });
});
