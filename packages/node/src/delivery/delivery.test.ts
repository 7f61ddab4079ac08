import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { settle } from "@mosaic/testkit";
import { DeliveryState, FailureReason } from "@mosaic/wire";
import { DeliveryHost, watched } from "./delivery-for-tests.ts";

const { DELIVERED, ENTERED, ACCEPTED, ANSWERED, UNCONFIRMED, FAILED, EXPIRED } = DeliveryState;

test("a message is durable before it is typed, and each step is on disk with its time", async () => {
  const host = new DeliveryHost();
  let typedAtAdd: number | undefined;
  const { add } = host.store;
  host.store.add = async (message) => {
    const added = await add.call(host.store, message);
    typedAtAdd = host.typed.length;
    return added;
  };
  const sent = host.send("m-1", "hello", { waitFor: ANSWERED });
  await host.clock.advance(20);
  await host.clock.advance(30);
  await host.accept("hello", "t-1");
  await host.endTurn("t-1");
  const receipt = await sent;
  assert.equal(typedAtAdd, 0);
  assert.deepEqual(host.steps("m-1"), ["QUEUED", "DELIVERED", "TYPED", "ENTERED", "ACCEPTED", "ANSWERED"]);
  const start = receipt.createdAtUnixMs;
  assert.deepEqual(
    receipt.steps.map((step) => Number(step.atUnixMs - start)),
    [0, 0, 0, 20, 50, 50],
  );
  assert.deepEqual(
    [receipt.turnId, receipt.attempt, receipt.textBytes, receipt.held, receipt.expiresAtUnixMs - start],
    ["t-1", 1, 5, "", 86_400_000n],
  );
});

test("Enter follows the paste only after the time that agents need", async () => {
  const host = new DeliveryHost();
  void host.send("m-1", "hello");
  await settle();
  assert.deepEqual(host.typed, ["hello"]);
  await host.clock.advance(19);
  assert.deepEqual(host.typed, ["hello"]);
  await host.clock.advance(1);
  assert.deepEqual(host.typed, ["hello", "Enter"]);
});

test("where a paste has to be seen first, Enter waits until it shows, and not for ever", async () => {
  const host = new DeliveryHost({ manners: { submit: { settleMs: 250, whileBusy: "type", awaitsDraft: true } } });
  void host.send("m-1", "hello");
  await host.clock.advance(1000);
  assert.deepEqual(host.typed, ["hello"]);
  host.draft = "hello";
  await host.clock.advance(280);
  assert.deepEqual(host.typed, ["hello", "Enter"]);
  await host.accept("hello", "t-1");
  host.draft = undefined;
  void host.send("m-2", "again");
  await host.clock.advance(5200);
  assert.deepEqual(host.typed, ["hello", "Enter", "again"]);
  await host.clock.advance(100);
  assert.deepEqual(host.typed, ["hello", "Enter", "again", "Enter"]);
});

test("one message at a time is in an agent's composer, in the order they came, and agents do not wait for each other", async () => {
  const host = new DeliveryHost({ agents: ["lead", "coder0"] });
  const sent = ["one", "two", "three"].map((text, index) => host.send(`m-${index}`, text));
  const other = host.send("m-9", "elsewhere", { to: "coder0" });
  await host.clock.advance(20);
  assert.deepEqual(host.typed.toSorted(), ["Enter", "Enter", "elsewhere", "one"]);
  await other;
  for (const [index, text] of ["one", "two", "three"].entries()) {
    await host.accept(text, `t-${index}`);
    await host.clock.advance(20);
  }
  await Promise.all(sent);
  assert.deepEqual(
    host.typed.filter((value) => value !== "Enter" && value !== "elsewhere"),
    ["one", "two", "three"],
  );
});

test("an agent that does not report lets the next message wait, and not for ever", async () => {
  const host = new DeliveryHost();
  const sent = [host.send("m-1", "one"), host.send("m-2", "two")];
  await host.clock.advance(1900);
  assert.deepEqual(host.typed, ["one", "Enter"]);
  await host.clock.advance(500);
  assert.deepEqual(host.typed, ["one", "Enter", "two", "Enter"]);
  await Promise.all(sent);
});

test("without a word in the time given a message is UNCONFIRMED, and a late word still counts", async () => {
  const host = new DeliveryHost();
  const sent = watched(host.send("m-1", "hello", { waitFor: ACCEPTED, waitMs: 500 }));
  await host.clock.advance(499);
  assert.ok(!("state" in (sent.value ?? {})), "it is still waited for");
  await host.clock.advance(2);
  assert.equal(sent.value?.state, UNCONFIRMED);
  await host.accept("hello", "t-1");
  const again = await host.send("m-1", "hello", { waitFor: ACCEPTED });
  assert.deepEqual([again.state, again.duplicate], [ACCEPTED, true]);
  assert.deepEqual(host.typed, ["hello", "Enter"]);
});

test("nobody has to wait for a message to become UNCONFIRMED, and a text that still stands in the composer is told", async () => {
  const host = new DeliveryHost();
  await Promise.all([host.send("m-1", "hello"), host.clock.advance(100)]);
  host.draft = "hello";
  await host.clock.advance(12_000);
  assert.equal(host.receipt("m-1")?.state, UNCONFIRMED);
  assert.match(host.receipt("m-1")?.detail ?? "", /still stands in the composer, and nothing was pressed again/);
  assert.deepEqual(host.typed, ["hello", "Enter"]);
});

test("a duplicate of an unconfirmed message does not wait for what has been reached", async () => {
  const host = new DeliveryHost();
  const first = host.send("m-1", "hello", { waitFor: ACCEPTED, waitMs: 100 });
  await host.clock.advance(200);
  await first;
  const again = watched(host.send("m-1", "hello"));
  await settle();
  assert.deepEqual([again.value?.state, again.value?.duplicate], [UNCONFIRMED, true]);
});

test("the same id with another text, agent or policy is refused", async () => {
  const host = new DeliveryHost({ agents: ["lead", "coder0"] });
  void host.send("m-1", "hello");
  await settle();
  const isReused = (thrown: unknown) => thrown instanceof MosaicError && thrown.code === "MESSAGE_ID_REUSED";
  await assert.rejects(host.send("m-1", "hello!"), isReused);
  await assert.rejects(host.send("m-1", "hello", { to: "coder0" }), isReused);
  await assert.rejects(host.send("m-1", "hello", { policy: 2 }), isReused);
  await assert.rejects(host.reset("m-1"), isReused);
  assert.deepEqual(host.typed, ["hello"]);
});

test("a message that still waits its turn is told as it stands, however impatient its sender's retry is", async () => {
  const host = new DeliveryHost();
  const sent = [host.send("m-1", "one"), host.send("m-2", "two")];
  const retry = watched(host.send("m-2", "two", { waitMs: 100 }));
  await host.clock.advance(150);
  assert.deepEqual([retry.value?.state, retry.value?.steps.length], [DELIVERED, 2]);
  await host.clock.advance(5000);
  assert.deepEqual(
    (await Promise.all(sent)).map((receipt) => receipt.state),
    [ENTERED, ENTERED],
  );
});

test("a pane that ends in the middle of a paste fails the message and not the line", async () => {
  const host = new DeliveryHost();
  host.terminal.beforePaste = async (_pane, text) => {
    if (text === "one") throw new MosaicError("AGENT_NOT_RUNNING", "the pane is gone");
  };
  const sent = [host.send("m-1", "one"), host.send("m-2", "two")];
  await host.clock.advance(100);
  assert.deepEqual(
    (await Promise.all(sent)).map((receipt) => [receipt.state, receipt.reason]),
    [
      [FAILED, FailureReason.AGENT_EXITED],
      [ENTERED, FailureReason.UNSPECIFIED],
    ],
  );
});

test("Enter is not pressed when the process is another one than the text was pasted for", async () => {
  for (const end of ["killed", "replaced"] as const) {
    const host = new DeliveryHost();
    const sent = watched(host.send("m-1", "hello"));
    await host.clock.advance(10);
    if (end === "killed") host.terminal.killProcess("lead");
    else Object.assign(host.terminal.pane("lead"), { pid: 99 });
    await host.clock.advance(20);
    assert.deepEqual([sent.value?.state, sent.value?.reason], [FAILED, FailureReason.AGENT_EXITED], end);
    assert.deepEqual(host.typed, ["hello"], end);
  }
});

test("where tmux does not say whether Enter was pressed nothing is claimed, and the agent's word still counts", async () => {
  const host = new DeliveryHost();
  host.terminal.pressKey = async () => {
    throw new MosaicError("MACHINE", "tmux did not answer within 5000 ms");
  };
  const sent = host.send("m-1", "hello", { waitFor: ACCEPTED });
  await host.clock.advance(20);
  assert.equal(host.receipt("m-1")?.state, UNCONFIRMED);
  assert.match(host.receipt("m-1")?.detail ?? "", /whether Enter was pressed is not known.*5000 ms/);
  await host.accept("hello", "t-1");
  assert.equal((await sent).state, ACCEPTED);
});

test("a sender that goes away ends its waiting and not its message", async () => {
  const host = new DeliveryHost();
  const call = new AbortController();
  const sent = watched(host.send("m-1", "hello", { waitFor: ACCEPTED, signal: call.signal }));
  await host.clock.advance(20);
  call.abort();
  await settle();
  assert.equal(sent.value?.state, ENTERED, "nothing is claimed of the evidence that was not waited for");
  await host.accept("hello", "t-1");
  assert.equal(host.receipt("m-1")?.state, ACCEPTED);
  await host.delivery[Symbol.asyncDispose]();
  assert.equal(host.clock.sleeperCount, 0);
});

test("what nobody took before it expires is EXPIRED, with what kept it; what was accepted stays", async () => {
  const host = new DeliveryHost();
  await Promise.all([host.send("m-0", "taken", { expiresInMs: 60_000 }), host.clock.advance(20)]);
  await host.accept("taken", "t-1");
  await Promise.all([host.send("m-1", "entered", { expiresInMs: 60_000 }), host.clock.advance(20)]);
  host.draft = "mine";
  void host.send("m-2", "held", { expiresInMs: 60_000 });
  await host.clock.advance(70_000);
  assert.deepEqual(
    ["m-0", "m-1", "m-2"].map((id) => host.receipt(id)?.state),
    [ACCEPTED, EXPIRED, EXPIRED],
  );
  assert.match(host.receipt("m-1")?.detail ?? "", /entered, and the agent never reported it/);
  assert.match(host.receipt("m-2")?.detail ?? "", /not typed: a draft of 4 characters/);
});

test("a reset is typed as it is, once, in line, and on record before", async () => {
  const host = new DeliveryHost();
  const sent = [host.send("m-1", "before"), host.reset("r-1"), host.reset("r-1")];
  await host.clock.advance(20);
  assert.equal(host.audit.entries.length, 0);
  await host.accept("before", "t-1");
  await host.clock.advance(20);
  const [, first, again] = await Promise.all(sent);
  assert.deepEqual([first?.state, first?.duplicate, again?.duplicate], [ENTERED, false, true]);
  assert.deepEqual(host.typed, ["before", "Enter", "/clear", "Enter"]);
  assert.deepEqual(
    host.audit.entries.map(({ action, actor, facts }) => [action, actor, facts]),
    [["agent.reset", "desk:ada", { message_id: "r-1", command: "/clear" }]],
  );
});

test("a reset that nobody could type for ten minutes is not wanted any more", async () => {
  const host = new DeliveryHost();
  host.draft = "mine";
  void host.reset("r-1");
  await host.clock.advance(602_000);
  assert.equal(host.receipt("r-1")?.state, EXPIRED);
  assert.equal(host.audit.entries.length, 0);
});
