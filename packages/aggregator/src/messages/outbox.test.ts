import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { type MessageChange, MosaicError, withStep } from "@mosaic/core";
import { anAgent, FakeClock, memoryMessageStore, settle } from "@mosaic/testkit";
import { DeliveryState, FailureReason, SendRequestSchema } from "@mosaic/wire";
import { Outbox } from "./outbox.ts";

const { QUEUED, DELIVERED, TYPED, FAILED } = DeliveryState;

/** An outbox with one message, on a disk that writes each change when the test says so. */
async function slowOutbox(stack: DisposableStack) {
  const store = memoryMessageStore();
  const writes: (() => void)[] = [];
  const slow = Object.assign(Object.create(store) as typeof store, {
    get: (messageId: string) => store.get(messageId),
    all: () => store.all(),
    add: (message: Parameters<typeof store.add>[0]) => store.add(message),
    onChange: (listener: Parameters<typeof store.onChange>[0]) => store.onChange(listener),
    update: async (messageId: string, change: MessageChange) => {
      await new Promise<void>((resolve) => writes.push(resolve));
      await store.update(messageId, change);
    },
  });
  const clock = new FakeClock();
  const outbox = stack.use(new Outbox({ store: slow, clock }));
  const agent = anAgent();
  const request = create(SendRequestSchema, { messageId: "m-1", text: "hello" });
  const { message } = await outbox.take(request, agent, { traceparent: "" });
  const { receipt } = message;
  const delivered = withStep(receipt, DELIVERED, { atUnixMs: 10 });
  const typed = withStep(delivered, TYPED, { atUnixMs: 20 });
  const writeAll = async () => {
    for (const write of writes.splice(0)) write();
    await settle();
  };
  return { outbox, store, writes, writeAll, receipt, delivered, typed, clock };
}

test("what is told while an older word is being written is laid over that, so that a receipt never goes back", async () => {
  using stack = new DisposableStack();
  const { outbox, writeAll, delivered, typed } = await slowOutbox(stack);
  const told = [outbox.learn(typed), outbox.learn(delivered)];
  await writeAll();
  await writeAll();
  await Promise.all(told);
  assert.equal(outbox.get("m-1")?.receipt.state, TYPED);
});

test("what is being written already is not written again, and is told when it is on disk", async () => {
  using stack = new DisposableStack();
  const { outbox, writes, writeAll, delivered } = await slowOutbox(stack);
  let isKnown = false;
  const told = [outbox.learn(delivered), outbox.learn(delivered).then(() => (isKnown = true))];
  await settle();
  assert.deepEqual([writes.length, isKnown], [1, false]);
  await writeAll();
  await Promise.all(told);
  assert.deepEqual([isKnown, outbox.get("m-1")?.receipt.state], [true, DELIVERED]);
});

test("a message that is just being told to have left is not ended here", async () => {
  using stack = new DisposableStack();
  const { outbox, writeAll, delivered } = await slowOutbox(stack);
  const told = outbox.learn(delivered);
  const ended = outbox.end("m-1", FAILED, { reason: FailureReason.CANCELLED, detail: "given up" });
  await writeAll();
  assert.equal(await ended, undefined);
  await told;
  assert.equal(outbox.get("m-1")?.receipt.state, DELIVERED);
});

test("what could not be written is written when it is told again", async () => {
  using stack = new DisposableStack();
  const { outbox, store, writeAll, delivered } = await slowOutbox(stack);
  store.refusal = "the disk is full";
  const refused = assert.rejects(outbox.learn(delivered), MosaicError);
  await writeAll();
  await refused;
  assert.equal(outbox.get("m-1")?.receipt.state, QUEUED);
  store.refusal = undefined;
  const told = outbox.learn(delivered);
  await writeAll();
  await told;
  assert.equal(outbox.get("m-1")?.receipt.state, DELIVERED);
});

test("who waits for a state hears of it at once, and of nothing when the time is over", async () => {
  using stack = new DisposableStack();
  const { outbox, writeAll, delivered, clock } = await slowOutbox(stack);
  const { signal } = new AbortController();
  const reached = outbox.reached({ messageId: "m-1", waitFor: DELIVERED, waitMs: 1000 }, { signal });
  const late = outbox.reached({ messageId: "m-1", waitFor: TYPED, waitMs: 1000 }, { signal });
  void outbox.learn(delivered);
  await writeAll();
  assert.equal((await reached).state, DELIVERED);
  await clock.advance(1000);
  assert.equal((await late).state, DELIVERED);
});

test("an id that another tenant's message has is taken, and nothing is said of that message", async () => {
  using outbox = new Outbox({ store: memoryMessageStore(), clock: new FakeClock() });
  const take = (agent: Parameters<typeof anAgent>[0], text: string) =>
    outbox.take(create(SendRequestSchema, { messageId: "m-1", text }), anAgent(agent), { traceparent: "" });
  await take({ tenantId: "team-b", name: "secret0" }, "hello");
  await assert.rejects(take({ tenantId: "team-b", name: "lead" }, "hello"), { message: /another message to secret0$/ });
  await assert.rejects(take({ tenantId: "team-a", name: "lead" }, "hello"), {
    message: 'message id "m-1" was used for another message',
  });
});
