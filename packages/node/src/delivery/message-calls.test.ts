import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { MosaicError } from "@mosaic/core";
import { RecordingTracer, settle } from "@mosaic/testkit";
import {
  CancelMessageRequestSchema,
  DeliveryState,
  FailureReason,
  InjectionPolicy,
  ListMessagesRequestSchema,
  type Receipt,
  RetryMessageRequestSchema,
} from "@mosaic/wire";
import { DeliveryHost } from "./delivery-for-tests.ts";
import { cancelMessage, listMessages, retryMessage } from "./message-calls.ts";
import { watchReceipts } from "./watch-receipts.ts";

const { DELIVERED, ENTERED, ACCEPTED, FAILED, EXPIRED, UNCONFIRMED } = DeliveryState;
const code = (wanted: string) => (thrown: unknown) => thrown instanceof MosaicError && thrown.code === wanted;

function calls(host: DeliveryHost) {
  const { inbox } = host.delivery;
  const deps = { inbox, audit: host.audit, clock: host.clock, wake: (name: string) => host.delivery.wake(name) };
  const list = (fields: object = {}) => listMessages(inbox, create(ListMessagesRequestSchema, fields));
  return {
    ids: (fields: object = {}) => list(fields).messages.map(({ receipt }) => receipt?.messageId),
    list,
    cancel: (messageId: string) =>
      cancelMessage(deps, create(CancelMessageRequestSchema, { messageId, sourceLabel: "desk:ada" })),
    retry: (messageId: string, mayDuplicate = false) =>
      retryMessage(deps, create(RetryMessageRequestSchema, { messageId, mayDuplicate, sourceLabel: "desk:ada" })),
  };
}

async function heldHost(...ids: string[]): Promise<DeliveryHost> {
  const host = new DeliveryHost({ agents: ["lead", "coder0"] });
  host.draft = "mine";
  for (const id of ids) void host.send(id, `text of ${id}`, { to: id.startsWith("c") ? "coder0" : "lead" });
  await host.clock.advance(1000);
  return host;
}

test("messages are listed newest first, by agent, id, state and number, with their text when it is asked for", async () => {
  const host = await heldHost("m-1", "c-1", "m-2");
  const { ids, list, cancel } = calls(host);
  assert.deepEqual(ids(), ["m-2", "c-1", "m-1"]);
  assert.deepEqual(ids({ selector: { names: ["coder0"] } }), ["c-1"]);
  assert.deepEqual(ids({ selector: { hosts: ["beta"] } }), []);
  assert.deepEqual(ids({ messageIds: ["m-1", "unknown"] }), ["m-1"]);
  assert.deepEqual([list({ limit: 2 }).messages.length, list({ limit: 2 }).truncated, list().truncated], [2, true, false]);
  assert.deepEqual(list({ messageIds: ["m-1"], withText: true }).messages[0]?.text, "text of m-1");
  assert.equal(list({ messageIds: ["m-1"] }).messages[0]?.text, "");
  await cancel("m-1");
  assert.deepEqual(ids({ states: [FAILED] }), ["m-1"]);
});

test("a message that was not typed is cancelled, on record before, and those behind it go on", async () => {
  const host = await heldHost("m-1", "m-2");
  const { cancel } = calls(host);
  const receipt = await cancel("m-1");
  assert.deepEqual([receipt.state, receipt.reason, receipt.detail], [FAILED, FailureReason.CANCELLED, "cancelled by desk:ada"]);
  assert.deepEqual(
    host.audit.entries.map(({ action, actor, agent, facts }) => [action, actor, agent, facts]),
    [["message.cancel", "desk:ada", "lead", { message_id: "m-1", state: "delivered" }]],
  );
  host.draft = undefined;
  await host.clock.advance(5000);
  assert.deepEqual(host.typed, ["text of m-2", "Enter"]);
  assert.equal((await cancel("m-2")).state, ENTERED, "what was typed is as it is");
  assert.equal(host.audit.entries.length, 1);
  await assert.rejects(cancel("unknown"), code("MESSAGE_NOT_FOUND"));
});

test("a message that is being typed is not cancelled half-way, and one that can't be recorded not at all", async () => {
  const host = new DeliveryHost();
  void host.send("m-1", "hello");
  await host.clock.advance(10);
  assert.equal((await calls(host).cancel("m-1")).state, DELIVERED);
  await host.clock.advance(10);
  assert.equal(host.receipt("m-1")?.state, ENTERED);
  const held = await heldHost("m-1");
  held.audit.beforeRecord = async () => {
    throw new MosaicError("MACHINE", "the disk is full");
  };
  await assert.rejects(calls(held).cancel("m-1"), code("MACHINE"));
  assert.equal(held.receipt("m-1")?.state, DELIVERED);
});

test("a message that is cancelled while the composer is looked at is not typed", async () => {
  const host = new DeliveryHost();
  const { capture } = Object.getPrototypeOf(host.terminal);
  host.terminal.capture = async (...call) => {
    await calls(host).cancel("m-1");
    return await capture.call(host.terminal, ...call);
  };
  void host.send("m-1", "hello");
  await host.clock.advance(5000);
  assert.deepEqual([host.receipt("m-1")?.reason, host.typed], [FailureReason.CANCELLED, []]);
});

test("what failed or expired before it was typed is sent again as one more attempt, on record before", async () => {
  const host = new DeliveryHost();
  host.terminal.killProcess("lead");
  host.showPane("lead");
  void host.send("m-1", "hello", { expiresInMs: 60_000 });
  await host.clock.advance(1000);
  assert.equal(host.receipt("m-1")?.state, FAILED);
  host.terminal.pane("lead").isDead = false;
  host.showPane("lead");
  const receipt = await calls(host).retry("m-1");
  assert.deepEqual([receipt.state, receipt.reason, receipt.attempt, receipt.detail], [DELIVERED, 0, 2, "sent again by desk:ada"]);
  assert.equal(Number(receipt.expiresAtUnixMs), host.clock.nowUnixMs() + 60_000, "with its whole time again");
  assert.deepEqual(
    host.audit.of("message.retry").map(({ facts }) => facts),
    [{ message_id: "m-1", state: "failed" }],
  );
  await host.clock.advance(100);
  assert.deepEqual([host.receipt("m-1")?.state, host.typed], [ENTERED, ["hello", "Enter"]]);
  const again = await host.send("m-1", "hello");
  assert.deepEqual([again.duplicate, again.attempt], [true, 2]);
});

test("what may have been taken is sent again only for who allows it, and what is on its way or was taken never", async () => {
  const host = new DeliveryHost();
  const { retry } = calls(host);
  void host.send("m-1", "hello");
  await host.clock.advance(100);
  await assert.rejects(retry("m-1", true), code("USAGE"), "it is on its way");
  await host.clock.advance(12_000);
  assert.equal(host.receipt("m-1")?.state, UNCONFIRMED);
  await assert.rejects(retry("m-1"), code("NOT_CONFIRMED"));
  assert.equal((await retry("m-1", true)).attempt, 2);
  await host.clock.advance(100);
  assert.deepEqual(host.typed, ["hello", "Enter", "hello", "Enter"]);
  await host.accept("hello", "t-1");
  assert.equal(host.receipt("m-1")?.state, ACCEPTED);
  await assert.rejects(retry("m-1", true), code("USAGE"));
  await host.endTurn("t-1", { isInterrupted: true, detail: "" });
  await assert.rejects(retry("m-1"), code("NOT_CONFIRMED"), "an interrupted turn took it");
  await assert.rejects(retry("unknown"), code("MESSAGE_NOT_FOUND"));
});

test("an expired message that was entered may have been taken; one that never was is simply sent again", async () => {
  const host = new DeliveryHost();
  void host.send("m-1", "entered", { expiresInMs: 30_000 });
  await host.clock.advance(100);
  host.draft = "mine";
  void host.send("m-2", "held", { expiresInMs: 30_000 });
  await host.clock.advance(40_000);
  assert.deepEqual([host.receipt("m-1")?.state, host.receipt("m-2")?.state], [EXPIRED, EXPIRED]);
  await assert.rejects(calls(host).retry("m-1"), code("NOT_CONFIRMED"));
  assert.equal((await calls(host).retry("m-2")).state, DELIVERED);
});

test("receipts are sent as they are and again after each step; a slow reader misses steps and never the newest", async () => {
  const host = await heldHost("m-1", "m-2");
  await calls(host).cancel("m-2");
  const call = new AbortController();
  const seen: Receipt[] = [];
  const stream = watchReceipts(host.delivery.inbox, { messageIds: [], selector: undefined }, call.signal);
  const next = async () => {
    const { value } = await stream.next();
    if (value?.receipt) seen.push(value.receipt);
  };
  await next();
  assert.equal(seen.length, 0, "first of all that nothing is missed from here on");
  await next();
  assert.deepEqual(
    seen.map(({ messageId, held }) => [messageId, held !== ""]),
    [["m-1", true]],
    "what is not at its end",
  );
  host.draft = undefined;
  await host.clock.advance(5000);
  await host.accept("text of m-1", "t-1");
  await next();
  assert.deepEqual([seen.at(-1)?.state, seen.length], [ACCEPTED, 2]);
  const waiting = stream.next();
  void host.send("m-3", "new");
  await settle();
  assert.equal((await waiting).value?.receipt?.messageId, "m-3");
  const end = stream.next().then(async (step) => (step.done ? step : await stream.next()));
  call.abort();
  assert.equal((await end).done, true);
});

test("a watch of named messages tells their ends too, and waits for one that is not here yet", async () => {
  const host = await heldHost("m-1");
  await calls(host).cancel("m-1");
  const call = new AbortController();
  const stream = watchReceipts(host.delivery.inbox, { messageIds: ["m-1", "m-9"], selector: undefined }, call.signal);
  assert.equal((await stream.next()).value?.receipt, undefined);
  assert.equal((await stream.next()).value?.receipt?.state, FAILED);
  const waiting = stream.next();
  void host.send("m-2", "not asked for");
  void host.send("m-9", "asked for");
  assert.equal((await waiting).value?.receipt?.messageId, "m-9");
  call.abort();
  await stream.return(undefined);
});

test("the turn belongs to the trace of its sender, from Enter to its end, also after a restart", async () => {
  const tracer = new RecordingTracer();
  const host = new DeliveryHost({ tracer });
  void host.send("m-1", "hello", { policy: InjectionPolicy.AT_MOST_ONCE });
  await host.clock.advance(30);
  const [send] = tracer.spans;
  const turns = () => tracer.spans.filter(({ name }) => name === "agent.turn");
  assert.deepEqual([turns().length, turns()[0]?.parent, turns()[0]?.isEnded], [1, send?.traceparent, false]);
  await host.crash();
  assert.deepEqual([turns().length, turns()[1]?.parent, turns()[1]?.attributes["mosaic.resumed"]], [2, send?.traceparent, true]);
  await host.accept("hello", "t-1");
  await host.endTurn("t-1", { isInterrupted: false, detail: "rate_limit" });
  const last = turns()[1];
  assert.deepEqual([last?.isEnded, last?.attributes["mosaic.turn"], last?.attributes["mosaic.end"]], [true, "t-1", "failed"]);
  assert.match(String(last?.error), /turn_failed: rate_limit/);
});

test("the turn points at the runtime's own trace of it, once, and names its conversation", async () => {
  const tracer = new RecordingTracer();
  const host = new DeliveryHost({ tracer });
  const turn = (id: string) =>
    tracer.spans.find((span) => span.name === "agent.turn" && span.attributes["mosaic.message"] === id);
  const taken = async (id: string, own: { sessionId?: string; traceparent?: string }) => {
    void host.send(id, `text of ${id}`, { policy: InjectionPolicy.AT_MOST_ONCE });
    await host.clock.advance(30);
    await host.accept(`text of ${id}`, `turn of ${id}`, own);
    await host.endTurn(`turn of ${id}`);
    return turn(id);
  };
  const first = await taken("m-1", { sessionId: "s-1", traceparent: "00-a-1-01" });
  assert.deepEqual([first?.links, first?.attributes["gen_ai.conversation.id"], first?.isEnded], [["00-a-1-01"], "s-1", true]);
  // Told again it is no span of this turn: the runtime itself was started in it.
  assert.deepEqual((await taken("m-2", { traceparent: "00-a-1-01" }))?.links, []);
  assert.deepEqual((await taken("m-3", { traceparent: "00-b-2-01" }))?.links, ["00-b-2-01"]);
  assert.deepEqual((await taken("m-4", {}))?.links, []);
  assert.doesNotMatch(JSON.stringify(tracer.spans), /text of/);
});
