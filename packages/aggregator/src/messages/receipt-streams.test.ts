import assert from "node:assert/strict";
import { test } from "node:test";
import { settle } from "@mosaic/testkit";
import { DeliveryState } from "@mosaic/wire";
import { fleet, to } from "./messages-for-tests.ts";

const { DELIVERED, ACCEPTED, ANSWERED } = DeliveryState;

test("receipts are streamed as they grow, also of messages that were sent past this aggregator", async () => {
  await using stack = new AsyncDisposableStack();
  const { client, clock, inboxes } = await fleet(stack);
  const stop = new AbortController();
  const seen: string[] = [];
  const reading = (async () => {
    for await (const { receipt } of client.watchReceipts({}, { signal: stop.signal }))
      if (receipt) seen.push(`${receipt.messageId} ${receipt.state}`);
  })().catch(() => {});
  await settle();
  const sending = client.send(to("m-1", { waitFor: DELIVERED }));
  await clock.advance(50);
  await sending;
  await inboxes.beta.handlers.send?.(to("past-us") as never, {} as never);
  await clock.advance(50);
  inboxes.alpha.step("m-1", ACCEPTED);
  await clock.advance(50);
  stop.abort();
  await reading;
  for (const told of [`m-1 ${DELIVERED}`, `m-1 ${ACCEPTED}`, `past-us ${DELIVERED}`])
    assert.ok(seen.includes(told), `${told} in ${seen}`);
});

test("what becomes of a message while a stream of receipts is being opened again is learned at once, and not with the next look", async () => {
  await using stack = new AsyncDisposableStack();
  const { client, clock, inboxes, nodes, store } = await fleet(stack);
  const sending = client.send(to("m-1", { waitFor: DELIVERED }));
  await clock.advance(50);
  await sending;
  await clock.advance(5000);
  let opened = 0;
  inboxes.alpha.beforeWatch = async () => {
    opened += 1;
    // After the look that goes with the stream.
    await clock.sleep(200, new AbortController().signal);
    if (opened === 1) inboxes.alpha.step("m-1", ANSWERED);
  };
  nodes.alpha.revive(false);
  await clock.advance(10_000);
  assert.ok(opened > 0, "a stream was opened again");
  // Not by asking the aggregator, which would ask the host.
  const kept = [...store.all()].find(({ messageId }) => messageId === "m-1");
  assert.equal(kept?.receipt.state, ANSWERED);
});

test("an end that came while a member's stream was down is told when it is back, and what was over before is not", async () => {
  await using stack = new AsyncDisposableStack();
  const { client, clock, inboxes, nodes } = await fleet(stack);
  const passUs = async (id: string, createdAtUnixMs: bigint, ...steps: DeliveryState[]) => {
    await inboxes.alpha.handlers.send?.(to(id) as never, {} as never);
    const receipt = inboxes.alpha.receipts.get(id);
    if (receipt) receipt.createdAtUnixMs = createdAtUnixMs;
    for (const step of steps) inboxes.alpha.step(id, step);
  };
  await passUs("long-over", 1_000_000n, ACCEPTED, ANSWERED);
  await passUs("under-way", 2_000_000n);
  const stop = new AbortController();
  const seen: string[] = [];
  const reading = (async () => {
    for await (const { receipt } of client.watchReceipts({}, { signal: stop.signal }))
      if (receipt) seen.push(`${receipt.messageId} ${receipt.state}`);
  })().catch(() => {});
  await clock.advance(50);
  nodes.alpha.die();
  await clock.advance(50);
  inboxes.alpha.step("under-way", ACCEPTED);
  inboxes.alpha.step("under-way", ANSWERED);
  await passUs("came-and-went", 3_000_000n, ACCEPTED, ANSWERED);
  nodes.alpha.revive(false);
  await clock.advance(5000);
  stop.abort();
  await reading;
  assert.deepEqual(seen, [`under-way ${DELIVERED}`, `under-way ${ANSWERED}`, `came-and-went ${ANSWERED}`]);
});
