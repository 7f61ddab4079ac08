import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core/light";
import type { ReceiptJson } from "@mosaic/wire";
import { runCli } from "../../cli.ts";
import { memoryIo } from "../../io/memory-io.ts";
import { receiptJson } from "../../messages/builders-for-tests.ts";
import { memoryRemote } from "../../remote/memory-remote.ts";

const AGGREGATOR = "unix:/home/ada/.config/mosaic/fleet/run/aggregator.sock";

async function message(argv: string[], reply: ReceiptJson | MosaicError) {
  const io = memoryIo();
  const answer = () => {
    if (reply instanceof MosaicError) throw reply;
    return { receipt: reply };
  };
  const remote = memoryRemote({ [AGGREGATOR]: { unary: { CancelMessage: answer, RetryMessage: answer } } });
  const exitCode = await runCli(["message", ...argv], io, { deps: { remote } });
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text, request: remote.calls[0]?.request };
}

const cancelled = receiptJson("DELIVERY_STATE_FAILED", { reason: "FAILURE_REASON_CANCELLED" });

test("a message that was not typed is given up, in the name of who asks", async () => {
  const { exitCode, stdout, request } = await message(["cancel", "m-1"], cancelled);
  assert.deepEqual([exitCode, stdout], [0, "team-a/alpha/lead: cancelled; it was not typed and will not be (message m-1)\n"]);
  assert.deepEqual(request, { messageId: "m-1", sourceLabel: "desk:operator" });
});

test("what was typed or had ended is not cancelled, and that is exit 1", async () => {
  const typed = await message(["cancel", "m-1"], receiptJson("DELIVERY_STATE_ENTERED"));
  assert.deepEqual(
    [typed.exitCode, typed.stdout],
    [1, "team-a/alpha/lead: not cancelled: it was typed before: ENTERED (message m-1)\n"],
  );
  const ended = await message(["cancel", "m-1"], receiptJson("DELIVERY_STATE_EXPIRED"));
  assert.match(ended.stdout, /not cancelled: it had ended before: EXPIRED/);
});

test("the fields of mosaic.message.cancel/1", async () => {
  const answer = JSON.parse((await message(["cancel", "m-1", "--json"], cancelled)).stdout);
  assert.deepEqual(Object.keys(answer), ["schema", "complete", "cancelled", "receipt"]);
  assert.deepEqual([answer.schema, answer.cancelled, answer.receipt.reason], ["mosaic.message.cancel/1", true, "CANCELLED"]);
});

test("a message is on its way again, as one more attempt", async () => {
  const again = receiptJson("DELIVERY_STATE_DELIVERED", { attempt: 2, held: "a draft is in the composer" });
  const { exitCode, stdout, request } = await message(["retry", "m-1", "--may-duplicate", "--source-label", "ci"], again);
  assert.equal(exitCode, 0);
  assert.equal(
    stdout,
    "team-a/alpha/lead: DELIVERED, attempt 2; held: a draft is in the composer; to follow it: mosaic message watch m-1 (message m-1)\n",
  );
  assert.deepEqual(request, { messageId: "m-1", sourceLabel: "ci", mayDuplicate: true });
});

test("one that may have been taken is refused with what to look at first; exit 6", async () => {
  const refusal = new MosaicError("NOT_CONFIRMED", "message m-1 is UNCONFIRMED: it may have been taken");
  const { exitCode, stderr } = await message(["retry", "m-1"], refusal);
  assert.equal(exitCode, 6);
  assert.equal(
    stderr,
    [
      "mosaic: message m-1 is UNCONFIRMED: it may have been taken",
      "hint: look first: mosaic message show m-1, mosaic agent tail",
      "hint: if it was not taken: mosaic message retry m-1 --may-duplicate",
      "",
    ].join("\n"),
  );
});

test("one that stays at its end is exit 1", async () => {
  const { exitCode, stdout } = await message(["retry", "m-1"], receiptJson("DELIVERY_STATE_ANSWERED"));
  assert.deepEqual([exitCode, stdout], [1, "team-a/alpha/lead: not tried again: it is ANSWERED (message m-1)\n"]);
});

test("the fields of mosaic.message.retry/1", async () => {
  const answer = JSON.parse((await message(["retry", "m-1", "--json"], receiptJson("DELIVERY_STATE_QUEUED"))).stdout);
  assert.deepEqual(Object.keys(answer), ["schema", "complete", "retried", "receipt"]);
  assert.deepEqual([answer.schema, answer.retried], ["mosaic.message.retry/1", true]);
});

test("an unknown id is exit 1, with the server's hint", async () => {
  const unknown = new MosaicError("MESSAGE_NOT_FOUND", "no message m-1 is known", { hint: "see mosaic message list" });
  assert.equal((await message(["cancel", "m-1"], unknown)).exitCode, 1);
  assert.match((await message(["retry", "m-1"], unknown)).stderr, /hint: see mosaic message list/);
});

test("of the id the beginning is enough, as message list shows it on a narrow terminal", async () => {
  const io = memoryIo();
  const whole = "01a201c8-4e9e-7ee7-b3db-806d199f18c3";
  const [unknown, asked]: [MosaicError, unknown[]] = [new MosaicError("MESSAGE_NOT_FOUND", "no such message"), []];
  const answer = ({ messageId }: { messageId: string }) => {
    asked.push(messageId);
    if (messageId !== whole) throw unknown;
    return { receipt: { ...cancelled, messageId } };
  };
  const ListMessages = ({ messageIds = [] }: { messageIds?: string[] }) => ({
    messages: messageIds.length === 0 || messageIds.includes(whole) ? [{ receipt: { ...cancelled, messageId: whole } }] : [],
  });
  const unary = { CancelMessage: answer, RetryMessage: answer, ListMessages } as never;
  const remote = memoryRemote({ [AGGREGATOR]: { unary } });
  assert.equal(await runCli(["message", "cancel", "01a201c8-4e9e"], io, { deps: { remote } }), 0);
  await runCli(["message", "retry", "01a201c8-4e9e"], io, { deps: { remote } });
  assert.deepEqual(asked, ["01a201c8-4e9e", whole, "01a201c8-4e9e", whole]);
  assert.equal(await runCli(["message", "cancel", "02"], io, { deps: { remote } }), 1);
  assert.match(io.stderr.text, /no message "02" is known/);
});
