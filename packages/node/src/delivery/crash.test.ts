import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { DeliveryState, FailureReason, InjectionPolicy, RetryMessageRequestSchema } from "@mosaic/wire";
import { DeliveryHost, type SendOptions } from "./delivery-for-tests.ts";
import { retryMessage } from "./message-calls.ts";

const { ENTERED, ACCEPTED, ANSWERED, UNCONFIRMED, FAILED } = DeliveryState;
const atLeastOnce: SendOptions = { policy: InjectionPolicy.AT_LEAST_ONCE };

/** A host whose process was killed when "hello" had come so far. */
async function crashedAt(point: "taken" | "pasted" | "submitted" | "entered", options: SendOptions = {}): Promise<DeliveryHost> {
  const host = new DeliveryHost();
  if (point === "taken") host.draft = "mine";
  if (point === "submitted") host.terminal.pressKey = () => new Promise(() => {});
  void host.send("m-1", "hello", options).catch(() => {});
  await host.clock.advance(point === "pasted" ? 10 : 30);
  return host;
}

test("a message that was taken and not typed is typed after a restart", async () => {
  const host = await crashedAt("taken");
  host.draft = undefined;
  await host.crash();
  await host.clock.advance(50);
  assert.deepEqual([host.receipt("m-1")?.state, host.typed], [ENTERED, ["hello", "Enter"]]);
});

test("a crash between paste and Enter is finished when the very text stands in the composer: Enter was not pressed", async () => {
  const host = await crashedAt("pasted");
  assert.deepEqual(host.store.get("m-1")?.injecting, {
    ...{ attempt: 1, paneId: "%1", panePid: 1001, isSubmitted: false },
    startedAtUnixMs: Number(host.receipt("m-1")?.createdAtUnixMs),
  });
  await host.crash(async () => {
    host.draft = "hel lo";
  });
  await host.clock.advance(10);
  assert.deepEqual(host.typed, ["hello", "Enter"]);
  await host.accept("hello", "t-1");
  assert.deepEqual([host.receipt("m-1")?.state, host.receipt("m-1")?.attempt], [ACCEPTED, 1]);
});

test("where something else or nothing is seen there, it is left to a person and not typed again", async () => {
  for (const [draft, told] of [
    ["hello, and more", /before its Enter; a text stands in the composer$/],
    [undefined, /before its Enter$/],
  ] as const) {
    const host = await crashedAt("pasted");
    await host.crash(async () => {
      host.draft = draft;
    });
    await host.clock.advance(60_000);
    const receipt = host.receipt("m-1");
    assert.deepEqual([receipt?.state, receipt?.reason], [FAILED, FailureReason.INDETERMINATE]);
    assert.match(receipt?.detail ?? "", told);
    assert.deepEqual(host.typed, ["hello"]);
    assert.equal(host.store.get("m-1")?.injecting, undefined);
  }
});

test("who allows it twice has it typed again as a second attempt, and not onto what stands there", async () => {
  const host = await crashedAt("pasted", atLeastOnce);
  await host.crash(async () => {
    host.draft = "hello, and more";
  });
  await host.clock.advance(10_000);
  assert.deepEqual(host.typed, ["hello"]);
  host.draft = undefined;
  await host.clock.advance(5000);
  assert.deepEqual(host.typed, ["hello", "hello", "Enter"]);
  assert.deepEqual([host.receipt("m-1")?.attempt, host.receipt("m-1")?.state], [2, ENTERED]);
  assert.deepEqual(host.steps("m-1"), ["QUEUED", "DELIVERED", "DELIVERED", "TYPED", "ENTERED"]);
});

test("after Enter may have been pressed the agent's word decides, also one that comes late", async () => {
  for (const afterMs of [0, 12_000]) {
    const host = await crashedAt("submitted");
    assert.equal(host.store.get("m-1")?.injecting?.isSubmitted, true);
    await host.crash();
    await host.clock.advance(afterMs);
    await host.accept("hello", "t-1");
    await host.clock.advance(60_000);
    assert.deepEqual([host.receipt("m-1")?.state, host.receipt("m-1")?.turnId], [ACCEPTED, "t-1"], `${afterMs}`);
    assert.deepEqual(host.steps("m-1").slice(2), ["TYPED", "ENTERED", "ACCEPTED"]);
    assert.deepEqual(host.typed, ["hello"]);
    assert.equal(host.store.get("m-1")?.injecting, undefined);
  }
});

test("without the agent's word it is INDETERMINATE, or typed again for who allows it", async () => {
  for (const [options, state, typed] of [
    [{}, FAILED, ["hello"]],
    [atLeastOnce, ENTERED, ["hello", "hello", "Enter"]],
  ] as const) {
    const host = await crashedAt("submitted", options);
    const { pressKey } = Object.getPrototypeOf(host.terminal);
    host.terminal.pressKey = pressKey;
    await host.crash();
    await host.clock.advance(14_900);
    assert.deepEqual(host.typed, ["hello"]);
    await host.clock.advance(500);
    assert.deepEqual([host.receipt("m-1")?.state, host.typed], [state, typed]);
  }
});

test("where the process is gone that it was typed to, the message is FAILED(AGENT_EXITED), whatever may be repeated", async () => {
  for (const options of [{}, atLeastOnce]) {
    for (const replaced of [false, true]) {
      const host = await crashedAt("pasted", options);
      await host.crash(async () => {
        if (replaced) Object.assign(host.terminal.pane("lead"), { pid: 4711 });
        else host.terminal.killProcess("lead");
      });
      await host.clock.advance(1000);
      assert.deepEqual([host.receipt("m-1")?.state, host.receipt("m-1")?.reason], [FAILED, FailureReason.AGENT_EXITED]);
      assert.deepEqual(host.typed, ["hello"]);
    }
  }
});

test("evidence of an entered message counts after a restart, and so does its end", async () => {
  const host = await crashedAt("entered");
  await host.crash();
  await host.clock.advance(15_000);
  assert.equal(host.receipt("m-1")?.state, UNCONFIRMED);
  await host.crash();
  await host.accept("hello", "t-1");
  await host.crash();
  await host.endTurn("t-1");
  assert.equal(host.receipt("m-1")?.state, ANSWERED);
  assert.deepEqual(host.typed, ["hello", "Enter"]);
});

test("a message behind an interrupted one waits until that is resolved", async () => {
  const host = await crashedAt("submitted");
  host.terminal.pressKey = Object.getPrototypeOf(host.terminal).pressKey;
  await host.crash();
  void host.send("m-2", "next");
  await host.clock.advance(14_000);
  assert.deepEqual(host.typed, ["hello"]);
  await host.clock.advance(2000);
  assert.deepEqual(host.typed, ["hello", "next", "Enter"]);
});

test("a person who decides that it may be put before the agent again has its standing text submitted, not typed behind itself", async () => {
  for (const decides of ["the sender, before", "a person, after"] as const) {
    const host = await crashedAt("submitted", decides === "the sender, before" ? atLeastOnce : {});
    host.terminal.pressKey = Object.getPrototypeOf(host.terminal).pressKey;
    await host.crash(async () => {
      host.draft = "hello";
    });
    await host.clock.advance(15_100);
    if (decides === "a person, after") {
      assert.match(host.receipt("m-1")?.detail ?? "", /Enter may have been pressed.*; its text stands in the composer$/);
      const deps = {
        inbox: host.delivery.inbox,
        audit: host.audit,
        clock: host.clock,
        wake: (name: string) => host.delivery.wake(name),
      };
      await retryMessage(deps, create(RetryMessageRequestSchema, { messageId: "m-1", mayDuplicate: true }));
    }
    await host.clock.advance(600);
    assert.deepEqual(host.typed, ["hello", "Enter"], decides);
    assert.deepEqual([host.receipt("m-1")?.state, host.receipt("m-1")?.attempt], [ENTERED, 2]);
  }
});

test("a node that is killed again and again while it waits for a word comes to an end of it", async () => {
  const host = await crashedAt("submitted");
  host.terminal.pressKey = Object.getPrototypeOf(host.terminal).pressKey;
  for (let life = 1; life <= 16; life += 1) {
    await host.crash();
    await host.clock.advance(900);
    assert.equal(host.receipt("m-1")?.state, DeliveryState.TYPED, `life ${life}`);
    assert.match(host.receipt("m-1")?.held ?? "", /waited for the agent's word/);
  }
  await host.crash();
  await host.clock.advance(2000);
  assert.deepEqual([host.receipt("m-1")?.state, host.receipt("m-1")?.reason], [FAILED, FailureReason.INDETERMINATE]);
  assert.equal(host.receipt("m-1")?.held, "");
});
