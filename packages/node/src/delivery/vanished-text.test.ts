import assert from "node:assert/strict";
import { test } from "node:test";
import { DeliveryState, FailureReason } from "@mosaic/wire";
import { CONFIRM_MS } from "./deadlines.ts";
import { DeliveryHost } from "./delivery-for-tests.ts";

const { DELIVERED, ENTERED, ACCEPTED, FAILED } = DeliveryState;
const SETTLE_MS = 250;
/** A look now and then, and the time between paste and Enter. */
const SOON_MS = SETTLE_MS + 50;

/** A host whose agent shows what is pasted; how often it drops that before Enter is up to the test. */
function hostThatDrops(times: number) {
  const host = new DeliveryHost({ manners: { submit: { settleMs: SETTLE_MS, whileBusy: "type", awaitsDraft: true } } });
  let left = times;
  host.terminal.beforePaste = async (_paneId, text) => {
    host.draft = text;
    if (left === 0) return;
    left -= 1;
    void host.clock.sleep(SETTLE_MS - 50, new AbortController().signal).then(() => {
      host.draft = undefined;
    });
  };
  return host;
}

test("a text that vanishes before its Enter is not submitted, and typed again when the agent says nothing of it", async () => {
  const host = hostThatDrops(1);
  void host.send("m-1", "hello");
  await host.clock.advance(SOON_MS);
  assert.deepEqual(host.typed, ["hello"], "Enter would have gone into an empty composer");
  await host.clock.advance(CONFIRM_MS + SOON_MS);
  assert.deepEqual(host.typed, ["hello", "hello", "Enter"]);
  assert.deepEqual([host.receipt("m-1")?.state, host.receipt("m-1")?.attempt], [ENTERED, 2]);
  assert.deepEqual(host.steps("m-1"), ["QUEUED", "DELIVERED", "TYPED", "DELIVERED", "TYPED", "ENTERED"]);
  assert.match(host.receipt("m-1")?.steps[3]?.detail ?? "", /gone from the composer before Enter.*typed again/);
});

test("a text that vanished and that the agent says it took is not typed again", async () => {
  const host = hostThatDrops(1);
  void host.send("m-1", "hello");
  await host.clock.advance(SOON_MS + 5000);
  await host.accept("hello", "t-1");
  await host.clock.advance(60_000);
  assert.deepEqual([host.receipt("m-1")?.state, host.typed], [ACCEPTED, ["hello"]]);
});

test("a text that was only covered gets its Enter when it shows again", async () => {
  const host = hostThatDrops(1);
  void host.send("m-1", "hello");
  await host.clock.advance(SOON_MS + 1000);
  host.draft = "hello";
  await host.clock.advance(SOON_MS);
  assert.deepEqual([host.receipt("m-1")?.state, host.receipt("m-1")?.attempt], [ENTERED, 1]);
  assert.deepEqual(host.typed, ["hello", "Enter"]);
});

test("a text that shows again after it went back into line is submitted, and not typed behind itself", async () => {
  const host = hostThatDrops(1);
  host.terminal.beforePaste = async () => {
    host.draft = "[Pasted 200 lines]";
    void host.clock.sleep(SETTLE_MS - 50, new AbortController().signal).then(() => {
      host.draft = undefined;
      host.manners.blockedBy = () => "a dialog";
    });
  };
  void host.send("m-1", "a long text");
  await host.clock.advance(SOON_MS + CONFIRM_MS + 1000);
  assert.deepEqual([host.receipt("m-1")?.state, host.receipt("m-1")?.held], [DELIVERED, "a dialog"]);
  host.draft = "[Pasted 200 lines]";
  delete host.manners.blockedBy;
  await host.clock.advance(5000);
  assert.deepEqual([host.receipt("m-1")?.state, host.typed], [ENTERED, ["a long text", "Enter"]]);
});

test("a screen that takes every text away ends in a failure that says so, and nothing was ever submitted", async () => {
  const host = hostThatDrops(99);
  void host.send("m-1", "hello");
  await host.clock.advance(10 * CONFIRM_MS);
  assert.deepEqual(host.typed, ["hello", "hello", "hello"]);
  assert.deepEqual([host.receipt("m-1")?.state, host.receipt("m-1")?.reason], [FAILED, FailureReason.NOT_READY]);
  assert.match(host.receipt("m-1")?.detail ?? "", /that was so 3 times/);
});

test("a daemon that is killed while it waits for a text that vanished types it no second time", async () => {
  const host = hostThatDrops(1);
  void host.send("m-1", "hello");
  await host.clock.advance(SOON_MS + 1000);
  await host.crash();
  await host.clock.advance(60_000);
  assert.deepEqual(host.typed, ["hello"]);
  assert.deepEqual([host.receipt("m-1")?.state, host.receipt("m-1")?.reason], [FAILED, FailureReason.INDETERMINATE]);
});

test("a text that never showed gets its Enter only where its composer still is: not in another one, not under a dialog", async () => {
  for (const change of ["another composer", "a dialog"]) {
    const host = new DeliveryHost({ manners: { submit: { settleMs: SETTLE_MS, whileBusy: "type", awaitsDraft: true } } });
    let place = "first screen";
    host.manners.composerOn = () => place;
    host.terminal.beforePaste = async () => {
      if (change === "another composer") place = "conversation";
      else host.manners.blockedBy = () => "a dialog";
    };
    void host.send("m-1", "hello");
    await host.clock.advance(8000);
    assert.deepEqual(host.typed, ["hello"], change);
    await host.clock.advance(2 * CONFIRM_MS);
    delete host.manners.blockedBy;
    host.terminal.beforePaste = async (_paneId, text) => {
      host.draft = text;
    };
    await host.clock.advance(CONFIRM_MS);
    assert.deepEqual(host.typed, ["hello", "hello", "Enter"], change);
    assert.equal(host.receipt("m-1")?.attempt, 2, change);
  }
});
