import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { MosaicError } from "@mosaic/core";
import { ApprovalSchema, DeliveryState, FailureReason, HeartbeatStatus, SystemdUnitSchema } from "@mosaic/wire";
import { HELD_POLL_MS } from "./agent-lines.ts";
import { DeliveryHost, watched } from "./delivery-for-tests.ts";
import { HANDS_OFF_MS } from "./typing-watch.ts";

const { DELIVERED, ENTERED, FAILED } = DeliveryState;
const restarting = create(SystemdUnitSchema, { unit: "mosaic-agent@lead.service", active: "activating", sub: "auto-restart" });

/** Something that stands in the way, how it is told, and how it goes away. */
const obstacles: readonly [name: string, told: RegExp, begin: (host: DeliveryHost) => void, end: (host: DeliveryHost) => void][] =
  [
    ["a draft", /^a draft of 14 characters/, (host) => (host.draft = "half a thought"), (host) => (host.draft = undefined)],
    [
      "a dialog",
      /^it asks for a login$/,
      (host) => (host.manners.blockedBy = () => "it asks for a login"),
      (host) => delete host.manners.blockedBy,
    ],
    [
      "a blank screen",
      /^its screen is blank$/,
      (host) => host.terminal.clear("lead"),
      (host) => host.terminal.print("lead", "ready"),
    ],
    [
      "somebody at a tmux of their own",
      /^\/dev\/pts\/3 is typing in its terminal$/,
      (host) => {
        const { paneId } = host.terminal.pane("lead");
        host.clients = [{ name: "/dev/pts/3", paneId, lastKeyUnixMs: host.clock.nowUnixMs() }];
      },
      (host) => (host.clients = []),
    ],
    [
      "somebody who took it over",
      /^desk:ada is typing in its terminal$/,
      (host) => {
        host.roll.enter("lead", "a-1", "desk:ada", Promise.resolve());
        host.roll.noteTyped("lead", "desk:ada", host.clock.nowUnixMs());
      },
      (host) => host.roll.leave("lead", "a-1"),
    ],
    [
      "a question for leave",
      /^it waits for leave to use Bash$/,
      (host) => {
        const approvals = [create(ApprovalSchema, { requestId: "r-1", tool: "Bash" })];
        host.said = { status: HeartbeatStatus.WAITING, approvals };
      },
      (host) => (host.said = undefined),
    ],
    [
      "a turn, for a runtime that takes nothing meanwhile",
      /^it is in a turn/,
      (host) => {
        Object.assign(host.manners, { submit: { settleMs: 20, whileBusy: "hold" } });
        host.said = { status: HeartbeatStatus.BUSY, approvals: [] };
      },
      (host) => (host.said = { status: HeartbeatStatus.IDLE, approvals: [] }),
    ],
    [
      "a restart by systemd",
      /^systemd is restarting it$/,
      (host) => {
        host.terminal.killProcess("lead");
        host.showPane("lead", { systemd: restarting });
      },
      (host) => {
        host.terminal.pane("lead").isDead = false;
        host.showPane("lead");
      },
    ],
    [
      "a tmux that does not answer",
      /^its terminal can't be read: .*5000 ms/,
      (host) => (host.terminal.failure = new MosaicError("MACHINE", "no answer within 5000 ms")),
      (host) => (host.terminal.failure = undefined),
    ],
  ];

for (const [name, told, begin, end] of obstacles) {
  test(`a message is held by ${name}, says so, and is typed once when that is over`, async () => {
    const host = new DeliveryHost();
    begin(host);
    const sent = watched(host.send("m-1", "hello", { waitMs: 2000 }));
    await host.clock.advance(2000);
    assert.deepEqual([sent.value?.state, sent.value?.reason], [DELIVERED, FailureReason.UNSPECIFIED]);
    assert.match(sent.value?.held ?? "", told);
    assert.deepEqual(host.typed, []);
    end(host);
    host.delivery.wake("lead");
    await host.clock.advance(50);
    assert.deepEqual([host.receipt("m-1")?.state, host.receipt("m-1")?.held, host.typed], [ENTERED, "", ["hello", "Enter"]]);
  });
}

test("what goes away within a moment held nobody", async () => {
  const host = new DeliveryHost();
  host.draft = "of the prompt before";
  void host.send("m-1", "hello");
  await host.clock.advance(200);
  host.draft = undefined;
  await host.clock.advance(100);
  assert.equal(host.receipt("m-1")?.state, ENTERED);
  assert.equal(host.delivery.inbox.get("m-1")?.receipt.steps.length, 4);
});

test("a held message is tried again by itself, and no more often is written down than its reason changes", async () => {
  const host = new DeliveryHost();
  host.draft = "draft";
  let writes = 0;
  using _ = host.store.onChange(() => {
    writes += 1;
  });
  void host.send("m-1", "hello");
  await host.clock.advance(60_000);
  assert.equal(writes, 2, "taken, and held");
  host.draft = "a longer draft";
  await host.clock.advance(HELD_POLL_MS);
  assert.equal(writes, 3);
  host.draft = undefined;
  await host.clock.advance(HELD_POLL_MS + 20);
  assert.deepEqual(host.typed, ["hello", "Enter"]);
});

test("who typed a while ago, looks on, or types elsewhere holds nobody", async () => {
  const host = new DeliveryHost();
  const { paneId } = host.terminal.pane("lead");
  host.roll.enter("lead", "a-1", "desk:ada", Promise.resolve());
  host.clients = [
    { name: "/dev/pts/3", paneId, lastKeyUnixMs: host.clock.nowUnixMs() - HANDS_OFF_MS },
    { name: "/dev/pts/4", paneId: "%99", lastKeyUnixMs: host.clock.nowUnixMs() },
  ];
  void host.send("m-1", "hello");
  await host.clock.advance(20);
  assert.deepEqual(host.typed, ["hello", "Enter"]);
});

test("messages behind a held one wait for it, and those of other agents do not", async () => {
  const host = new DeliveryHost({ agents: ["lead", "coder0"] });
  delete host.manners.draftOn;
  host.manners.blockedBy = (screen) => (screen.lines[0] === "blocked" ? "a dialog" : undefined);
  host.terminal.clear("lead");
  host.terminal.print("lead", "blocked");
  for (const [id, to] of [
    ["m-1", "lead"],
    ["m-2", "lead"],
    ["m-3", "coder0"],
  ] as const)
    void host.send(id, `text ${id}`, { to });
  await host.clock.advance(5000);
  assert.deepEqual(host.typed, ["text m-3", "Enter"]);
  host.terminal.clear("lead");
  host.terminal.print("lead", "ready");
  await host.clock.advance(10_000);
  assert.deepEqual(host.typed.slice(2), ["text m-1", "Enter", "text m-2", "Enter"]);
});

test("a pane that is dead and stays so, or no session at all, fails at once", async () => {
  for (const isThere of [true, false]) {
    const host = new DeliveryHost();
    host.terminal.killProcess("lead");
    host.showPane("lead");
    if (!isThere) host.rows.delete("lead");
    const sent = watched(host.send("m-1", "hello"));
    await host.clock.advance(1000);
    assert.deepEqual([sent.value?.state, sent.value?.reason], [FAILED, FailureReason.AGENT_EXITED]);
    assert.match(sent.value?.detail ?? "", /agent "lead".* is not running/);
    assert.deepEqual(host.typed, []);
  }
});

test("what was pasted and did not go in holds the next message, and nothing is pressed again", async () => {
  const host = new DeliveryHost();
  void host.send("m-1", "one");
  await host.clock.advance(30);
  host.draft = "one";
  void host.send("m-2", "two");
  await host.clock.advance(60_000);
  assert.deepEqual(host.typed, ["one", "Enter"]);
  assert.equal(host.receipt("m-1")?.state, DeliveryState.UNCONFIRMED);
  assert.match(host.receipt("m-2")?.held ?? "", /a draft of 3 characters/);
});

test("while nothing can be written down nothing is typed", async () => {
  const host = new DeliveryHost();
  host.draft = "draft";
  void host.send("m-1", "hello");
  await host.clock.advance(1000);
  host.store.refusal = "no space is left on the disk";
  host.draft = undefined;
  await host.clock.advance(20_000);
  assert.deepEqual(host.typed, []);
  await assert.rejects(
    host.send("m-2", "more"),
    (thrown) => thrown instanceof MosaicError && thrown.code === "STORE_UNAVAILABLE",
  );
  host.store.refusal = undefined;
  await host.clock.advance(HELD_POLL_MS + 50);
  assert.deepEqual(host.typed, ["hello", "Enter"]);
});

test("a disk that fills up between paste and Enter loses no step", async () => {
  const host = new DeliveryHost();
  void host.send("m-1", "hello");
  await host.clock.advance(10);
  host.store.refusal = "no space is left on the disk";
  await host.clock.advance(5000);
  assert.deepEqual(host.typed, ["hello", "Enter"]);
  assert.equal(host.receipt("m-1")?.state, DELIVERED);
  host.store.refusal = undefined;
  await host.clock.advance(2000);
  assert.deepEqual(host.steps("m-1").slice(2), ["TYPED", "ENTERED"]);
  assert.deepEqual(host.typed, ["hello", "Enter"]);
});

test("a message behind one that its agent died of does not wait for a word that can't come", async () => {
  const host = new DeliveryHost();
  void host.send("m-1", "die");
  await host.clock.advance(50);
  host.terminal.killProcess("lead");
  host.showPane("lead");
  host.delivery.wake("lead");
  const sent = watched(host.send("m-2", "hello"));
  await host.clock.advance(600);
  assert.deepEqual([sent.value?.state, sent.value?.reason], [FAILED, FailureReason.AGENT_EXITED]);
});

test("a terminal that fails before anything is typed holds the message, with its own words", async () => {
  const host = new DeliveryHost();
  const { paste } = Object.getPrototypeOf(host.terminal);
  host.terminal.paste = async () => {
    throw new MosaicError("MACHINE", "tmux did not take a text to paste: no space left");
  };
  void host.send("m-1", "hello");
  await host.clock.advance(5000);
  assert.match(host.receipt("m-1")?.held ?? "", /did not take a text to paste/);
  assert.deepEqual([host.receipt("m-1")?.state, host.store.get("m-1")?.injecting], [DELIVERED, undefined]);
  host.terminal.paste = paste;
  await host.clock.advance(HELD_POLL_MS + 50);
  assert.deepEqual([host.receipt("m-1")?.state, host.receipt("m-1")?.held, host.typed], [ENTERED, "", ["hello", "Enter"]]);
});
