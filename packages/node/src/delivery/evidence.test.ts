import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { settle } from "@mosaic/testkit";
import { DeliveryState, Evidence, FailureReason } from "@mosaic/wire";
import { DeliveryHost } from "./delivery-for-tests.ts";
import { promptHashes } from "./message-hashes.ts";

const { ENTERED, ACCEPTED, ANSWERED, FAILED } = DeliveryState;

/** A host that has entered these texts, as m-0, m-1, …; the agent said nothing. */
async function entered(...texts: string[]): Promise<DeliveryHost> {
  const host = new DeliveryHost();
  for (const [index, text] of texts.entries()) {
    void host.send(`m-${index}`, text);
    await host.clock.advance(2100);
  }
  return host;
}

const states = (host: DeliveryHost) => [...host.store.all()].map(({ receipt }) => receipt.state);

test("only the very text is evidence, and only its own turn's end an answer", async () => {
  const host = await entered("hello");
  await host.accept("hello ", "t-0");
  await host.accept("hallo", "t-0");
  await host.endTurn("t-0");
  assert.deepEqual(states(host), [ENTERED]);
  await host.accept("hello", "t-1");
  await host.endTurn("t-2");
  assert.deepEqual(states(host), [ACCEPTED]);
  await host.endTurn("t-1");
  assert.deepEqual(states(host), [ANSWERED]);
});

test("a runtime that tells the text may have trimmed it, or set its line ends", async () => {
  const host = await entered("  two\nlines\n");
  const accepted = [{ hashes: promptHashes("two\r\nlines "), turnId: "t-1", evidence: Evidence.TRANSCRIPT }];
  await host.delivery.noteEvidence("lead", { accepted, atUnixMs: host.clock.nowUnixMs(), evidence: Evidence.TRANSCRIPT });
  assert.equal(host.receipt("m-0")?.steps.at(-1)?.evidence, Evidence.TRANSCRIPT);
});

test("a text that was sent with its sender in front is known by what was typed", async () => {
  const host = new DeliveryHost();
  const row = host.rows.get("lead");
  if (row) host.rows.set("lead", { ...row, runtime: "claude" });
  void host.send("m-0", "/clear the table", { sourceLabel: "desk:ada" });
  await host.clock.advance(300);
  assert.deepEqual(host.typed, ["[from desk:ada] /clear the table", "Enter"]);
  await host.crash();
  await host.accept("[from desk:ada] /clear the table", "t-1");
  assert.deepEqual(states(host), [ACCEPTED]);
});

test("turns are an agent's own: the same id of another agent answers nothing", async () => {
  const host = await entered("hello");
  await host.accept("hello", "1");
  await host.endTurn("1", undefined, "coder0");
  assert.deepEqual(states(host), [ACCEPTED]);
});

test("the same text twice is two messages, and each needs its own word", async () => {
  const host = await entered("again", "again");
  await host.accept("again", "t-1");
  assert.deepEqual(states(host), [ACCEPTED, ENTERED]);
  await host.accept("again", "t-1");
  assert.deepEqual(states(host), [ACCEPTED, ENTERED], "an agent that says the same again means the same");
  await host.endTurn("t-1");
  await host.crash();
  await host.accept("again", "t-1");
  assert.deepEqual(states(host), [ANSWERED, ENTERED], "also after a restart");
  await host.accept("again", "t-2");
  assert.deepEqual(states(host), [ANSWERED, ACCEPTED]);
});

test("a turn that is named only later is taken in then", async () => {
  const host = await entered("hello");
  await host.accept("hello", "");
  await host.endTurn("");
  assert.deepEqual([host.receipt("m-0")?.state, host.receipt("m-0")?.turnId], [ACCEPTED, ""]);
  await host.accept("hello", "t-1");
  assert.deepEqual([host.receipt("m-0")?.turnId, host.steps("m-0").filter((step) => step === "ACCEPTED").length], ["t-1", 1]);
  await host.endTurn("t-1");
  assert.deepEqual(states(host), [ANSWERED]);
});

test("what an agent said before a message was typed is not about that message", async () => {
  const host = await entered("hello");
  await host.accept("hello", "t-0", { atUnixMs: host.clock.nowUnixMs() - 60_000 });
  assert.deepEqual(states(host), [ENTERED]);
});

test("what is only pasted was not taken yet", async () => {
  const host = new DeliveryHost();
  void host.send("m-0", "hello");
  await host.clock.advance(10);
  await host.accept("hello", "t-0");
  assert.deepEqual(host.receipt("m-0")?.state, DeliveryState.DELIVERED);
  await host.clock.advance(10);
  assert.deepEqual(states(host), [ENTERED]);
});

test("a report that comes before the key press has returned is told after it", async () => {
  const host = new DeliveryHost();
  let accepted: Promise<void> | undefined;
  const { pressKey } = Object.getPrototypeOf(host.terminal);
  host.terminal.pressKey = async (...call) => {
    accepted = host.accept("hello", "t-1");
    await settle();
    await pressKey.call(host.terminal, ...call);
  };
  void host.send("m-0", "hello");
  await host.clock.advance(20);
  await accepted;
  assert.deepEqual(host.steps("m-0").slice(2), ["TYPED", "ENTERED", "ACCEPTED"]);
});

test("a broken turn fails the message that it took: interrupted, or with the runtime's reason", async () => {
  for (const [isInterrupted, reason] of [
    [true, FailureReason.INTERRUPTED],
    [false, FailureReason.TURN_FAILED],
  ] as const) {
    const host = await entered("hello");
    await host.accept("hello", "t-1");
    await host.endTurn("t-1", { isInterrupted, detail: "rate_limit" });
    const receipt = host.receipt("m-0");
    assert.deepEqual([receipt?.state, receipt?.reason, receipt?.detail], [FAILED, reason, "rate_limit"]);
  }
});

test("evidence that can't be written down must be told again, and then counts", async () => {
  const host = await entered("hello");
  host.store.refusal = "no space is left on the disk";
  await assert.rejects(
    host.accept("hello", "t-1"),
    (thrown) => thrown instanceof MosaicError && thrown.code === "STORE_UNAVAILABLE",
  );
  host.store.refusal = undefined;
  await host.accept("hello", "t-1");
  assert.deepEqual(states(host), [ACCEPTED]);
});

test("prompts that waited together end with the one turn that they are moved to", async () => {
  const host = await entered("first", "second");
  await host.accept("first", "t-1");
  await host.accept("second", "t-2");
  const moved = (text: string) => ({ hashes: promptHashes(text), turnId: "t-2", evidence: Evidence.TRANSCRIPT, movesTurn: true });
  const report = { accepted: [moved("first"), moved("second")], atUnixMs: host.clock.nowUnixMs(), evidence: Evidence.TRANSCRIPT };
  await host.delivery.noteEvidence("lead", report);
  assert.deepEqual([host.receipt("m-0")?.turnId, host.receipt("m-1")?.turnId], ["t-2", "t-2"]);
  await host.endTurn("t-2");
  assert.deepEqual(states(host), [ANSWERED, ANSWERED]);
});

test("a turn that was told to have ended before what it took ends that all the same, and no earlier one of its name", async () => {
  const host = await entered("hello");
  await host.endTurn("t-1");
  await host.accept("hello", "t-1");
  assert.deepEqual(states(host), [ANSWERED]);
  void host.send("m-1", "once more");
  await host.clock.advance(100);
  await host.accept("once more", "t-1");
  assert.equal(host.receipt("m-1")?.state, ACCEPTED, "that turn ended before it was typed");
});
