import assert from "node:assert/strict";
import { test } from "node:test";
import { type LogFields, MosaicError } from "@mosaic/core";
import { memoryMessageStore } from "@mosaic/testkit";
import { DeliveryState } from "@mosaic/wire";
import { fleet, to } from "./messages-for-tests.ts";

const { DELIVERED, ENTERED, ANSWERED } = DeliveryState;

/** A fleet in which alpha has a message on its way, and what its aggregator says of receipts that stopped, with the levels. */
async function following(stack: AsyncDisposableStack) {
  const said: string[] = [];
  const at = (level: string) => (fields: LogFields, message: string) => {
    if (message === "receipts stopped") said.push(`${level} ${fields.member} ${fields.error}`);
  };
  const log = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  const store = memoryMessageStore();
  const { client, clock, inboxes, nodes } = await fleet(stack, { store, log });
  const sending = client.send(to("m-1", { waitFor: DELIVERED }));
  await clock.advance(50);
  await sending;
  await clock.advance(50);
  assert.deepEqual(said, []);
  return { said, store, clock, inboxes, nodes };
}

const isOrdinary = (line: string) => line.startsWith("debug alpha ") && /cancell?ed/i.test(line);

test("where nothing is left to follow, receipts stop without a word to people", async () => {
  await using stack = new AsyncDisposableStack();
  const { said, clock, inboxes } = await following(stack);
  inboxes.alpha.step("m-1", ANSWERED);
  await clock.advance(35_000);
  assert.deepEqual(said.map(isOrdinary), [true], `${said}`);
});

test("so they do where the aggregator stops", async () => {
  const stack = new AsyncDisposableStack();
  const { said } = await following(stack);
  await stack.disposeAsync();
  assert.deepEqual(said.map(isOrdinary), [true], `${said}`);
});

test("that the connection broke, or that a member refuses to tell, is said at info with its words", async () => {
  for (const [code, words] of [
    ["CANCELLED", "the connection broke: closed"],
    ["NOT_ALLOWED", "not for you"],
  ] as const) {
    await using stack = new AsyncDisposableStack();
    const { said, clock, inboxes, nodes } = await following(stack);
    inboxes.alpha.handlers.watchReceipts = () => {
      throw new MosaicError(code, words.replace(/.*: /, ""));
    };
    nodes.alpha.revive(false);
    await clock.advance(10_000);
    assert.match(said.join("\n"), new RegExp(`^info alpha .*${words}$`, "m"));
  }
});

test("that a receipt could not be written down is said at info, with the disk's words", async () => {
  await using stack = new AsyncDisposableStack();
  const { said, store, clock, inboxes } = await following(stack);
  store.update = async () => {
    throw new MosaicError("MACHINE", "no space left on device");
  };
  inboxes.alpha.step("m-1", ENTERED);
  await clock.advance(10_000);
  assert.match(said[0] ?? "", /^info alpha .*no space left on device$/);
});
