import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { FakeClock, memoryMessageStore } from "@mosaic/testkit";
import { DeliveryState, FailureReason } from "@mosaic/wire";
import { failure, fleet, statesOf, to } from "./messages-for-tests.ts";

const { QUEUED, DELIVERED, ENTERED, ACCEPTED, ANSWERED, FAILED, EXPIRED } = DeliveryState;
const HOUR_MS = 3_600_000;

test("a message is carried to its host and its receipt follows it to the end", async () => {
  await using stack = new AsyncDisposableStack();
  const { client, clock, inboxes } = await fleet(stack);
  const sending = client.send(to("m-1", { waitFor: ANSWERED }));
  await clock.advance(50);
  for (const state of [ENTERED, ACCEPTED, ANSWERED]) inboxes.alpha.step("m-1", state);
  await clock.advance(50);
  const { receipt } = await sending;
  assert.deepEqual(statesOf(receipt), [QUEUED, DELIVERED, ENTERED, ACCEPTED, ANSWERED]);
  assert.deepEqual([inboxes.alpha.sends.length, inboxes.beta.sends.length], [1, 0]);
  const { messages } = await client.listMessages({ messageIds: ["m-1"], withText: true });
  assert.deepEqual([messages[0]?.receipt?.state, messages[0]?.text], [ANSWERED, "text of m-1"]);
});

test("for a host that can't be reached it is kept, which is said at once, and carried when the host is back", async () => {
  await using stack = new AsyncDisposableStack();
  const { client, clock, nodes, inboxes } = await fleet(stack, { down: ["alpha"] });
  const { receipt } = await client.send(to("m-1"));
  assert.equal(receipt?.state, QUEUED);
  assert.match(receipt?.held ?? "", /host team-a\/alpha does not answer, last seen \d+ s ago/);
  await clock.advance(HOUR_MS);
  assert.equal(inboxes.alpha.sends.length, 0);
  nodes.alpha.revive(true);
  await clock.advance(5000);
  const { messages } = await client.listMessages({});
  assert.deepEqual([messages[0]?.receipt?.state, messages[0]?.receipt?.held, inboxes.alpha.sends.length], [DELIVERED, "", 1]);
});

test("what a host tells in its answer and again in its stream is written once", async () => {
  await using stack = new AsyncDisposableStack();
  const store = memoryMessageStore();
  const { client, clock, inboxes } = await fleet(stack, { store });
  const written: DeliveryState[] = [];
  using _ = store.onChange(({ receipt }) => written.push(receipt.state));
  const sending = client.send(to("m-1", { waitFor: ANSWERED }));
  await clock.advance(50);
  inboxes.alpha.step("m-1", ENTERED);
  await clock.advance(35_000);
  inboxes.alpha.step("m-1", ANSWERED);
  await clock.advance(50);
  await sending;
  assert.deepEqual(written, [QUEUED, DELIVERED, ENTERED, ANSWERED]);
});

test("a new message ends the pause before its own agent's next attempt, and no other's", async () => {
  await using stack = new AsyncDisposableStack();
  const { client, clock, inboxes } = await fleet(stack);
  const busy = () => new MosaicError("BUSY", "100 messages already wait");
  inboxes.alpha.refusals.push(...Array.from({ length: 6 }, busy));
  await client.send(to("m-1", { waitFor: QUEUED }));
  await clock.advance(5000);
  const before = inboxes.alpha.sends.length;
  const coder = { tenantId: "", host: "alpha", name: "coder0" };
  inboxes.alpha.refusals.length = 0;
  await client.send(to("m-2", { waitFor: QUEUED, agent: coder }));
  await clock.advance(10);
  const ids = () => inboxes.alpha.sends.slice(before).map(({ messageId }) => messageId);
  assert.deepEqual(ids(), ["m-2"]);
  await client.send(to("m-3", { waitFor: QUEUED }));
  await clock.advance(10);
  assert.deepEqual(ids(), ["m-2", "m-1", "m-3"]);
});

test("one id is one message, however often it is sent", async () => {
  await using stack = new AsyncDisposableStack();
  const { client, clock, inboxes } = await fleet(stack);
  const first = client.send(to("m-1"));
  await clock.advance(50);
  inboxes.alpha.step("m-1", ENTERED);
  assert.deepEqual([(await first).receipt?.duplicate, (await client.send(to("m-1"))).receipt?.duplicate], [false, true]);
  assert.equal((await failure(client.send(to("m-1", { text: "another" })))).code, "MESSAGE_ID_REUSED");
  assert.equal((await failure(client.send(to("m-1", { agent: { name: "coder0", host: "alpha" } })))).code, "MESSAGE_ID_REUSED");
  assert.equal(inboxes.alpha.sends.length, 1);
});

test("messages for one agent keep their order over failed attempts; another agent's don't wait for them", async () => {
  await using stack = new AsyncDisposableStack();
  const { client, clock, inboxes } = await fleet(stack);
  inboxes.alpha.refusals.push(...[1, 2, 3].map(() => new MosaicError("BUSY", "100 messages already wait")));
  const sends = ["m-1", "m-2", "m-3"].map((id) => client.send(to(id, { waitFor: DELIVERED })));
  await clock.advance(1);
  const other = client.send(to("m-4", { waitFor: DELIVERED, agent: { host: "beta", name: "lead" } }));
  await clock.advance(1);
  assert.equal((await other).receipt?.state, DELIVERED);
  await clock.advance(5000);
  assert.deepEqual(
    (await Promise.all(sends)).map(({ receipt }) => receipt?.state),
    [DELIVERED, DELIVERED, DELIVERED],
  );
  assert.deepEqual(
    inboxes.alpha.sends.map(({ messageId }) => messageId),
    ["m-1", "m-1", "m-1", "m-1", "m-2", "m-3"],
  );
});

test("what the host refuses for good is FAILED with the reason", async () => {
  await using stack = new AsyncDisposableStack();
  const { client, clock, inboxes } = await fleet(stack);
  inboxes.alpha.refusals.push(new MosaicError("AGENT_NOT_FOUND", "no agent lead"), new MosaicError("NOT_ALLOWED", "not you"));
  const sends = ["m-1", "m-2"].map((id) => client.send(to(id)));
  await clock.advance(100);
  const receipts = (await Promise.all(sends)).map(({ receipt }) => receipt);
  assert.deepEqual(
    receipts.map((receipt) => [receipt?.state, receipt?.reason]),
    [
      [FAILED, FailureReason.NO_SUCH_AGENT],
      [FAILED, FailureReason.DENIED],
    ],
  );
});

test("what was refused before it is durable is an error, and nothing is kept", async () => {
  await using stack = new AsyncDisposableStack();
  const { client } = await fleet(stack);
  assert.equal((await failure(client.send(to("m-1", { text: "a\u001bb" })))).code, "USAGE");
  assert.equal((await failure(client.send(to("m-1", { agent: { name: "nobody" } })))).code, "AGENT_NOT_FOUND");
  assert.equal((await client.listMessages({})).messages.length, 0);
});

test("whether an agent is there is not said while a host that may have it was never heard from", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const { nodes, start } = await fleet(stack, { clock });
  nodes.beta.die();
  await using again = new AsyncDisposableStack();
  const client = await start(again);
  await clock.advance(1000);
  const late = await failure(client.send(to("m-1", { agent: { name: "nobody" } })));
  assert.deepEqual([late.code, late.message.endsWith("not heard from yet: team-a/beta")], ["HOST_UNREACHABLE", true]);
  assert.equal((await failure(client.send(to("m-1", { agent: { name: "nobody", host: "alpha" } })))).code, "AGENT_NOT_FOUND");
});

test("a message whose time is over before its host is back is EXPIRED and never carried", async () => {
  await using stack = new AsyncDisposableStack();
  const { client, clock, nodes, inboxes, audit } = await fleet(stack, { down: ["alpha"] });
  await client.send(to("m-1", { expiresInMs: HOUR_MS }));
  await clock.advance(2 * HOUR_MS);
  nodes.alpha.revive(true);
  await clock.advance(60_000);
  assert.equal((await client.listMessages({})).messages[0]?.receipt?.state, EXPIRED);
  assert.equal(inboxes.alpha.sends.length, 0);
  audit.beforeRecord = async () => {
    throw new MosaicError("MACHINE", "the disk is full");
  };
  assert.equal((await failure(client.retryMessage({ messageId: "m-1" }))).code, "MACHINE", "without a record nothing is done");
  audit.beforeRecord = async () => {};
  const { receipt } = await client.retryMessage({ messageId: "m-1", sourceLabel: "ada" });
  assert.equal(receipt?.state, QUEUED);
  assert.deepEqual(
    audit.of("message.retry").map(({ actor, host, agent, facts }) => [actor, host, agent, facts]),
    [["ada", "alpha", "lead", { message_id: "m-1", state: "expired", where: "aggregator" }]],
  );
  await clock.advance(5000);
  const { messages } = await client.listMessages({});
  assert.deepEqual([messages[0]?.receipt?.state, inboxes.alpha.sends.length], [DELIVERED, 1]);
});

test("an aggregator that starts again carries what was left, and learns what became of the rest", async () => {
  const clock = new FakeClock();
  const store = memoryMessageStore();
  await using stack = new AsyncDisposableStack();
  const first = await fleet(stack, { clock, store, down: ["beta"] });
  const sends = [
    first.client.send(to("m-1", { waitFor: DELIVERED })),
    first.client.send(to("m-2", { agent: { host: "beta", name: "lead" } })),
  ];
  await clock.advance(50);
  await Promise.all(sends);
  await stack.disposeAsync();
  first.inboxes.alpha.step("m-1", ACCEPTED);
  first.nodes.alpha.revive(false);
  first.nodes.beta.revive(true);
  await using again = new AsyncDisposableStack();
  const client = await first.start(again);
  await clock.advance(40_000);
  const { messages } = await client.listMessages({});
  assert.deepEqual(messages.map(({ receipt }) => [receipt?.messageId, receipt?.state]).toSorted(), [
    ["m-1", ACCEPTED],
    ["m-2", DELIVERED],
  ]);
  assert.deepEqual([first.inboxes.alpha.sends.length, first.inboxes.beta.sends.length], [1, 1]);
});

test("a list names the hosts that did not answer", async () => {
  await using stack = new AsyncDisposableStack();
  const { client, clock, inboxes } = await fleet(stack, { down: ["beta"] });
  const sending = client.send(to("m-1", { waitFor: DELIVERED }));
  await clock.advance(50);
  await sending;
  await inboxes.alpha.handlers.send?.(to("past-us") as never, {} as never);
  const { messages, hosts } = await client.listMessages({});
  assert.deepEqual(messages.map(({ receipt }) => receipt?.messageId).toSorted(), ["m-1", "past-us"]);
  assert.deepEqual(
    hosts.map((host) => [host.host, host.code]),
    [
      ["alpha", ""],
      ["beta", "UNAVAILABLE"],
    ],
  );
});

test("a message that never left is cancelled here; one that is unknown is told with who could not be asked", async () => {
  await using stack = new AsyncDisposableStack();
  const { client, clock, inboxes, nodes, audit } = await fleet(stack, { down: ["alpha"] });
  await client.send(to("m-1"));
  audit.beforeRecord = async () => {
    throw new MosaicError("MACHINE", "the disk is full");
  };
  assert.equal((await failure(client.cancelMessage({ messageId: "m-1" }))).code, "MACHINE", "without a record nothing is done");
  audit.beforeRecord = async () => {};
  const { receipt } = await client.cancelMessage({ messageId: "m-1", sourceLabel: "ada" });
  assert.deepEqual(
    [receipt?.state, receipt?.reason, receipt?.detail],
    [FAILED, FailureReason.CANCELLED, "cancelled by ada before it left"],
  );
  assert.deepEqual(
    audit.of("message.cancel").map(({ actor, host, agent, facts }) => [actor, host, agent, facts]),
    [["ada", "alpha", "lead", { message_id: "m-1", state: "queued", where: "aggregator" }]],
  );
  const unknown = await failure(client.cancelMessage({ messageId: "m-9" }));
  assert.equal(unknown.code, "MESSAGE_NOT_FOUND");
  assert.match(unknown.message, /did not answer: team-a\/alpha/);
  nodes.alpha.revive(true);
  await clock.advance(60_000);
  assert.equal(inboxes.alpha.sends.length, 0);
});
