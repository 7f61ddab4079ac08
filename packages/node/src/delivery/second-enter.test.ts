import assert from "node:assert/strict";
import { test } from "node:test";
import { DeliveryState } from "@mosaic/wire";
import { CONFIRM_MS } from "./deadlines.ts";
import { DeliveryHost } from "./delivery-for-tests.ts";
import { STANDS_MS } from "./second-enter.ts";

const { ENTERED, ACCEPTED, UNCONFIRMED } = DeliveryState;
/** Deadlines are met to a second. */
const GRAIN_MS = 1000;
const submit = { settleMs: 250, whileBusy: "type", awaitsDraft: true, enterAgainIn: "conversation" } as const;

/** A host whose agent shows what is pasted, and swallows Enter. */
function hostThatSwallows(composer = "conversation") {
  const host = new DeliveryHost({ manners: { submit, composerOn: () => composer } });
  host.terminal.beforePaste = async (_paneId, text) => {
    host.draft = text;
  };
  return host;
}

async function entered(host: DeliveryHost) {
  void host.send("m-1", "hello");
  await host.clock.advance(submit.settleMs + 50);
  assert.deepEqual([host.typed, host.receipt("m-1")?.state], [["hello", "Enter"], ENTERED]);
}

test("a text that still stands some seconds after its Enter gets one more, and not a third", async () => {
  const host = hostThatSwallows();
  await entered(host);
  await host.clock.advance(STANDS_MS + GRAIN_MS);
  assert.deepEqual(host.typed, ["hello", "Enter", "Enter"]);
  assert.deepEqual(host.steps("m-1"), ["QUEUED", "DELIVERED", "TYPED", "ENTERED", "ENTERED"]);
  assert.match(host.receipt("m-1")?.detail ?? "", /still stood in the composer; Enter was pressed once more/);
  await host.clock.advance(CONFIRM_MS + GRAIN_MS);
  assert.deepEqual([host.typed.length, host.receipt("m-1")?.state], [3, UNCONFIRMED]);
});

test("after its second Enter a message goes on like any other", async () => {
  const host = hostThatSwallows();
  await entered(host);
  await host.clock.advance(STANDS_MS + GRAIN_MS);
  host.draft = undefined;
  await host.accept("hello", "t-1");
  assert.deepEqual([host.receipt("m-1")?.state, host.receipt("m-1")?.attempt], [ACCEPTED, 1]);
});

const reasonsNot: Readonly<Record<string, (host: DeliveryHost) => unknown>> = {
  "it was taken": (host) => host.accept("hello", "t-1"),
  "nothing stands there any more": (host) => {
    host.draft = undefined;
  },
  "another text stands there": (host) => {
    host.draft = "hello world";
  },
  "a dialog covers it": (host) => {
    host.manners.blockedBy = () => "it asks leave to use a tool";
  },
  "somebody has typed since": (host) => {
    const { paneId } = host.terminal.pane("lead");
    host.clients = [{ name: "desk", paneId, lastKeyUnixMs: host.clock.nowUnixMs() + 1 }];
  },
  "it is taken while that is looked at": (host) => {
    // Who is attached is asked right before.
    Object.defineProperty(host, "clients", {
      get: () => {
        void host.accept("hello", "t-1");
        return [];
      },
    });
  },
  "its process is gone": (host) => {
    host.terminal.killProcess("lead");
    host.showPane("lead");
  },
  "it can't be written down": (host) => {
    host.store.refusal = "no space is left on the disk";
  },
};

for (const [why, happens] of Object.entries(reasonsNot))
  test(`there is no second Enter when ${why}`, async () => {
    const host = hostThatSwallows();
    await entered(host);
    await happens(host);
    await host.clock.advance(STANDS_MS + CONFIRM_MS + GRAIN_MS);
    assert.deepEqual(host.typed, ["hello", "Enter"]);
  });

test("there is no second Enter in a composer that may keep a text that it took", async () => {
  const host = hostThatSwallows("first screen");
  await entered(host);
  await host.clock.advance(STANDS_MS + CONFIRM_MS + GRAIN_MS);
  assert.deepEqual([host.typed.length, host.receipt("m-1")?.state], [2, UNCONFIRMED]);
});

test("there is none after a crash: nobody knows any more what stood there", async () => {
  const host = hostThatSwallows();
  await entered(host);
  await host.crash();
  await host.clock.advance(STANDS_MS + CONFIRM_MS + GRAIN_MS);
  assert.deepEqual([host.typed.length, host.receipt("m-1")?.state], [2, UNCONFIRMED]);
});
