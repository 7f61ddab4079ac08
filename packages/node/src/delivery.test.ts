import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { MosaicError, passThroughTracer } from "@mosaic/core";
import { anAgent, aPane, FakeClock, FakeTerminal, settle } from "@mosaic/testkit";
import { type Agent, DeliveryState, FailureReason, HeartbeatRequestSchema, type Receipt, SendRequestSchema } from "@mosaic/wire";
import { Delivery } from "./delivery.ts";

const { UNSPECIFIED, TYPED, ENTERED, ACCEPTED, ANSWERED, UNCONFIRMED, FAILED } = DeliveryState;
const span = passThroughTracer.startSpan("send");
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** A delivery to agents that report only what a test makes them report. */
function setUp(agents: readonly string[] = ["lead"]) {
  const clock = new FakeClock();
  const terminal = new FakeTerminal(clock);
  let draft: string | undefined;
  const delivery = new Delivery({ terminal, clock, draftOn: () => draft });
  const rows = new Map<string, Agent>();
  for (const name of agents) {
    const { paneId } = terminal.addSession(name, "stub");
    terminal.print(name, "ready");
    const { session, columns } = aPane({ session: name });
    rows.set(name, anAgent({ name, pane: { paneId, session, alive: true, columns } }));
  }
  const send = (
    messageId: string,
    text: string,
    { to = "lead", waitFor = ENTERED as DeliveryState, waitMs = 0, signal = new AbortController().signal } = {},
  ): Promise<Receipt> =>
    delivery.send(
      create(SendRequestSchema, { messageId, text, waitFor, waitMs }),
      rows.get(to) ?? anAgent({ name: to }),
      span,
      signal,
    );
  const accept = (text: string, turnId: string, name = "lead") =>
    delivery.noteReport(create(HeartbeatRequestSchema, { agent: { name }, accepted: [{ textSha256: sha256(text), turnId }] }));
  const leaveDraft = (text: string | undefined) => {
    draft = text;
  };
  const endTurn = (turnId: string, name = "lead") =>
    delivery.noteReport(create(HeartbeatRequestSchema, { agent: { name }, endedTurnIds: [turnId] }));
  return { clock, terminal, send, accept, endTurn, leaveDraft };
}

function isSettled(promise: { readonly value: unknown }): boolean {
  return promise.value !== undefined;
}

/** What became of a promise by now. */
function watched<T>(promise: Promise<T>): { value: T | undefined } {
  const box: { value: T | undefined } = { value: undefined };
  void promise.then((value) => {
    box.value = value;
  });
  return box;
}

const typed = (terminal: FakeTerminal) => terminal.typed.map((input) => input.value);

test("Enter follows the paste only after the time that agents need", async () => {
  const { clock, terminal, send } = setUp();
  const sent = watched(send("m-1", "hello"));
  await settle();
  assert.deepEqual(typed(terminal), ["hello"]);
  await clock.advance(19);
  assert.deepEqual(typed(terminal), ["hello"]);
  await clock.advance(1);
  assert.deepEqual(typed(terminal), ["hello", "Enter"]);
  assert.deepEqual(
    sent.value?.steps.map((step) => step.state),
    [TYPED, ENTERED],
  );
});

test("one message at a time is in an agent's composer, in the order they came, and agents do not wait for each other", async () => {
  const { clock, terminal, send, accept } = setUp(["lead", "coder0"]);
  const sent = ["one", "two", "three"].map((text, index) => send(`m-${index}`, text));
  const other = send("m-9", "elsewhere", { to: "coder0" });
  await clock.advance(20);
  assert.deepEqual(typed(terminal).sort(), ["Enter", "Enter", "elsewhere", "one"]);
  await other;
  for (const [index, text] of ["one", "two", "three"].entries()) {
    accept(text, `t-${index}`);
    await clock.advance(20);
  }
  await Promise.all(sent);
  assert.deepEqual(
    typed(terminal).filter((value) => value !== "Enter" && value !== "elsewhere"),
    ["one", "two", "three"],
  );
});

test("an agent that does not report lets the next message wait, and not for ever", async () => {
  const { clock, terminal, send } = setUp();
  const sent = [send("m-1", "one"), send("m-2", "two")];
  await clock.advance(1900);
  assert.deepEqual(typed(terminal), ["one", "Enter"]);
  await clock.advance(500);
  assert.deepEqual(typed(terminal), ["one", "Enter", "two", "Enter"]);
  await Promise.all(sent);
});

test("a message is ACCEPTED on the agent's word for that very text, and ANSWERED at the end of that turn", async () => {
  const { clock, send, accept, endTurn } = setUp();
  const sent = watched(send("m-1", "hello", { waitFor: ANSWERED }));
  await clock.advance(20);
  accept("hello ", "t-0");
  endTurn("t-0");
  await settle();
  assert.equal(isSettled(sent), false, "another text is no evidence");
  accept("hello", "t-1");
  endTurn("t-2");
  await settle();
  assert.equal(isSettled(sent), false, "another turn is no answer");
  endTurn("t-1");
  await settle();
  assert.deepEqual([sent.value?.state, sent.value?.turnId], [ANSWERED, "t-1"]);
});

test("turns are an agent's own: the same id of another agent answers nothing", async () => {
  const { clock, send, accept, endTurn } = setUp(["lead", "coder0"]);
  const sent = watched(send("m-1", "hello", { waitFor: ANSWERED }));
  await clock.advance(20);
  accept("hello", "1");
  endTurn("1", "coder0");
  await settle();
  assert.equal(isSettled(sent), false);
  endTurn("1");
  await settle();
  assert.equal(sent.value?.state, ANSWERED);
});

test("an acceptance without a turn is an acceptance, and no turn's end answers it", async () => {
  const { clock, send, accept, endTurn } = setUp();
  const sent = send("m-1", "hello", { waitFor: ACCEPTED });
  await clock.advance(20);
  accept("hello", "");
  assert.equal((await sent).state, ACCEPTED);
  endTurn("");
  assert.equal((await send("m-1", "hello")).state, ACCEPTED);
});

test("without a word in the time given a message is UNCONFIRMED, and a late word still counts", async () => {
  const { clock, terminal, send, accept } = setUp();
  const sent = watched(send("m-1", "hello", { waitFor: ACCEPTED, waitMs: 500 }));
  await clock.advance(519);
  assert.equal(isSettled(sent), false);
  await clock.advance(2);
  assert.equal(sent.value?.state, UNCONFIRMED);
  accept("hello", "t-1");
  const again = await send("m-1", "hello", { waitFor: ACCEPTED });
  assert.deepEqual([again.state, again.duplicate], [ACCEPTED, true]);
  assert.deepEqual(typed(terminal), ["hello", "Enter"]);
});

test("a duplicate of an unconfirmed message does not wait for what has been reached", async () => {
  const { clock, send } = setUp();
  const first = send("m-1", "hello", { waitFor: ACCEPTED, waitMs: 100 });
  await clock.advance(200);
  await first;
  const again = watched(send("m-1", "hello"));
  await settle();
  assert.deepEqual([again.value?.state, again.value?.duplicate], [UNCONFIRMED, true]);
});

test("a message that still waits its turn is not called submitted, however impatient its sender's retry is", async () => {
  const { clock, send } = setUp();
  const sent = [send("m-1", "one"), send("m-2", "two")];
  const retry = watched(send("m-2", "two", { waitMs: 100 }));
  await clock.advance(150);
  assert.deepEqual([retry.value?.state, retry.value?.steps.length], [UNSPECIFIED, 0]);
  await clock.advance(5000);
  assert.deepEqual(
    (await Promise.all(sent)).map((receipt) => receipt.state),
    [ENTERED, ENTERED],
  );
});

test("the same text twice is two messages, and each needs its own word", async () => {
  const { clock, send, accept } = setUp();
  const sent = [send("m-1", "again", { waitFor: ACCEPTED }), send("m-2", "again", { waitFor: ACCEPTED })].map(watched);
  await clock.advance(20);
  accept("again", "t-1");
  await clock.advance(20);
  assert.deepEqual(
    sent.map((one) => one.value?.turnId),
    ["t-1", undefined],
  );
  accept("again", "t-2");
  await settle();
  assert.deepEqual(
    sent.map((one) => one.value?.turnId),
    ["t-1", "t-2"],
  );
});

test("a message that failed at Enter does not take the word meant for its retry", async () => {
  const { clock, terminal, send, accept } = setUp();
  const failing = send("m-1", "hello");
  await settle();
  terminal.failure = new Error("tmux is busy");
  await clock.advance(20);
  assert.deepEqual([(await failing).state, (await failing).reason], [FAILED, FailureReason.TERMINAL_ERROR]);
  terminal.failure = undefined;
  const retry = watched(send("m-2", "hello", { waitFor: ACCEPTED }));
  await clock.advance(20);
  accept("hello", "t-1");
  await settle();
  assert.equal(retry.value?.state, ACCEPTED);
});

test("a pane that ends in the middle of a paste fails the message and not the line", async () => {
  const { clock, terminal, send } = setUp();
  terminal.beforePaste = async (_pane, text) => {
    if (text === "one") throw new MosaicError("AGENT_NOT_RUNNING", "the pane is gone");
  };
  const sent = [send("m-1", "one"), send("m-2", "two")];
  await clock.advance(100);
  const receipts = await Promise.all(sent);
  assert.deepEqual(
    receipts.map((receipt) => [receipt.state, receipt.reason]),
    [
      [FAILED, FailureReason.AGENT_EXITED],
      [ENTERED, FailureReason.UNSPECIFIED],
    ],
  );
});

test("a draft in the composer is left alone, unless it goes away at once", async () => {
  const { clock, terminal, send, leaveDraft } = setUp();
  leaveDraft("half a thought");
  const refused = send("m-1", "hello");
  await clock.advance(1000);
  assert.deepEqual([(await refused).state, (await refused).reason], [FAILED, FailureReason.DRAFT]);
  assert.doesNotMatch((await refused).detail, /half a thought/, "a draft is nobody else's business");
  assert.deepEqual(typed(terminal), []);
  const sent = send("m-2", "hello");
  await clock.advance(100);
  leaveDraft(undefined);
  await clock.advance(100);
  assert.equal((await sent).state, ENTERED);
});

test("more than 100 messages for one agent are refused as BUSY, and others are not", async () => {
  const { clock, send } = setUp(["lead", "coder0"]);
  const sent = Array.from({ length: 100 }, (_, index) => send(`m-${index}`, `text ${index}`));
  await assert.rejects(send("m-100", "one too many"), (thrown) => thrown instanceof MosaicError && thrown.code === "BUSY");
  const other = send("m-101", "elsewhere", { to: "coder0" });
  await clock.advance(300_000);
  assert.ok((await Promise.all([...sent, other])).every((receipt) => receipt.state === ENTERED));
  const after = send("m-100", "room again");
  await clock.advance(100);
  assert.equal((await after).state, ENTERED);
});

test("a sender that goes away ends its waiting and not its message", async () => {
  const { clock, terminal, send, accept } = setUp();
  const call = new AbortController();
  const sent = watched(send("m-1", "hello", { waitFor: ACCEPTED, signal: call.signal }));
  await clock.advance(20);
  call.abort();
  await settle();
  assert.equal(sent.value?.state, ENTERED, "nothing is claimed of the evidence that was not waited for");
  accept("hello", "t-1");
  await clock.advance(5000);
  assert.equal(clock.sleeperCount, 0);
  assert.deepEqual(typed(terminal), ["hello", "Enter"]);
});
