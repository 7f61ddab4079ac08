import assert from "node:assert/strict";
import { test } from "node:test";
import { DeliveryState, HeartbeatStatus } from "@mosaic/wire";
import { DeliveryHost } from "./delivery-for-tests.ts";

const { IDLE, BUSY } = HeartbeatStatus;

/** A host whose agent has taken and answered a message, and shows its text in the composer all the same. */
async function withLeftover(said: HeartbeatStatus = IDLE) {
  const submit = { settleMs: 250, whileBusy: "type", awaitsDraft: true } as const;
  const host = new DeliveryHost({ manners: { submit, clearsDraft: "C-c" } });
  host.terminal.beforePaste = async (_paneId, text) => {
    host.draft = text;
  };
  const { pressKey } = host.terminal;
  host.terminal.pressKey = async (...args) => {
    if (args[1] === "C-c") host.draft = undefined;
    await pressKey.apply(host.terminal, args);
  };
  void host.send("m-1", "one");
  await host.clock.advance(300);
  await host.accept("one", "t-1");
  await host.endTurn("t-1");
  host.said = { status: said, atUnixMs: host.clock.nowUnixMs(), approvals: [] };
  return host;
}

test("a text that its agent has taken is taken out of the composer when the agent is at rest, and the next one is typed", async () => {
  const host = await withLeftover();
  void host.send("m-2", "two");
  await host.clock.advance(1500);
  assert.deepEqual(host.typed, ["one", "Enter"], "its turn has only just ended");
  await host.clock.advance(5000);
  assert.deepEqual(host.typed, ["one", "Enter", "C-c", "two", "Enter"]);
  assert.equal(host.receipt("m-2")?.state, DeliveryState.ENTERED);
});

test("nothing is taken away in a turn, when somebody typed, when it is another text, or when it was interrupted", async () => {
  const busy = await withLeftover(BUSY);
  const typed = await withLeftover();
  typed.roll.noteTyped("lead", "ada", typed.clock.nowUnixMs());
  const other = await withLeftover();
  other.draft = "one more";
  const untold = await withLeftover();
  delete untold.manners.clearsDraft;
  for (const host of [busy, typed, other, untold]) {
    void host.send("m-2", "two");
    await host.clock.advance(30_000);
    assert.deepEqual(host.typed, ["one", "Enter"]);
    assert.match(host.receipt("m-2")?.held ?? "", /a draft of/);
  }
});

test("a key that changes nothing is not pressed twice within a moment", async () => {
  const host = await withLeftover();
  host.terminal.pressKey = async (paneId, value) => void host.terminal.typed.push({ paneId, kind: "key", value });
  void host.send("m-2", "two");
  for (let second = 0; second < 20; second += 1) {
    const before = host.typed.length;
    host.delivery.wake("lead");
    await host.clock.advance(1000);
    assert.ok(host.typed.length - before <= 1);
  }
  assert.equal(host.typed.filter((value) => value === "C-c").length > 1, true, "it is tried again");
});

test("in the moment after the end of a turn no Enter is pressed where a runtime needs that", async () => {
  const host = new DeliveryHost({ manners: { submit: { settleMs: 20, whileBusy: "type", restMs: 1000 } } });
  host.said = { status: IDLE, atUnixMs: host.clock.nowUnixMs() - 400, approvals: [] };
  void host.send("m-1", "one");
  await host.clock.advance(599);
  assert.deepEqual(host.typed, ["one"]);
  await host.clock.advance(1);
  assert.deepEqual(host.typed, ["one", "Enter"]);
});
