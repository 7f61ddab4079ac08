import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core/light";
import type { ReceiptJson, SendRequestJson } from "@mosaic/wire";
import { runCli } from "../../cli.ts";
import { type MemoryIo, memoryIo } from "../../io/memory-io.ts";
import { ACCEPTED_STEPS, receiptJson, stepJson } from "../../messages/builders-for-tests.ts";
import { memoryRemote } from "../../remote/memory-remote.ts";

const AGGREGATOR = "unix:/home/ada/.config/mosaic/fleet/run/aggregator.sock";

async function send(flags: readonly string[], reply: ReceiptJson | ((io: MemoryIo) => never)) {
  const io = memoryIo();
  const answer = () => (typeof reply === "function" ? reply(io) : { receipt: reply });
  const remote = memoryRemote({ [AGGREGATOR]: { unary: { Send: answer } } });
  const exitCode = await runCli(["agent", "send", "lead", "-m", "run tests", "--id", "m-1", ...flags], io, { deps: { remote } });
  const request = remote.calls.at(-1)?.request as SendRequestJson;
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text, request, calls: remote.calls };
}

const held = receiptJson("DELIVERY_STATE_QUEUED", {
  held: "host team-a/alpha does not answer, last seen 14 s ago: connect timeout",
  steps: [stepJson("DELIVERY_STATE_QUEUED", 0)],
});

test("a message for a host that is down tells why it is held, until when it is tried, and how to give it up; exit 6", async () => {
  const { exitCode, stdout } = await send([], held);
  assert.equal(exitCode, 6);
  assert.equal(
    stdout,
    [
      "team-a/alpha/lead: QUEUED; held: host team-a/alpha does not answer, last seen 14 s ago: connect timeout (message m-1)",
      "  it is tried until 2025-11-22 09:20:00 UTC; to follow it: mosaic message watch m-1; to give it up: mosaic message cancel m-1",
      "",
    ].join("\n"),
  );
});

test("whoever only waits for QUEUED or DELIVERED has it", async () => {
  const queued = await send(["--wait", "queued"], held);
  assert.deepEqual([queued.exitCode, queued.request.waitFor, queued.stdout.split("\n").length], [0, "DELIVERY_STATE_QUEUED", 2]);
  const delivered = receiptJson("DELIVERY_STATE_DELIVERED");
  assert.equal((await send(["--wait", "delivered"], delivered)).exitCode, 0);
  assert.equal((await send(["--wait", "delivered"], held)).exitCode, 6);
  assert.equal((await send([], delivered)).exitCode, 6);
  // What nobody confirmed was delivered all the same.
  assert.equal((await send(["--wait", "delivered"], receiptJson("DELIVERY_STATE_UNCONFIRMED"))).exitCode, 0);
});

test("expiry and policy are asked for only when they are given", async () => {
  const plain = (await send([], held)).request;
  assert.deepEqual(["expiresInMs" in plain, "policy" in plain], [false, false]);
  const { request } = await send(["--expires", "1h", "--at-least-once"], held);
  assert.deepEqual([request.expiresInMs, request.policy], [3_600_000, "INJECTION_POLICY_AT_LEAST_ONCE"]);
});

test("the answer's fields of a durable message", async () => {
  const { receipt } = JSON.parse((await send(["--json"], held)).stdout);
  assert.deepEqual(
    [receipt.attempt, receipt.source_label, receipt.text_bytes, receipt.created_at, receipt.expires_at],
    [1, "desk:operator", 9, "2025-11-21T09:20:00.000Z", "2025-11-22T09:20:00.000Z"],
  );
  assert.match(receipt.held, /^host team-a\/alpha does not answer/);
});

test("how long a message stood in queues is not counted as the agent's time", async () => {
  const accepted = receiptJson("DELIVERY_STATE_ACCEPTED", { steps: [...ACCEPTED_STEPS] });
  assert.match((await send(["--verify"], accepted)).stdout, /ACCEPTED by hook after 314 ms/);
});

test("a turn that came to nothing does not unsay that the message was taken", async () => {
  const failed = receiptJson("DELIVERY_STATE_FAILED", {
    reason: "FAILURE_REASON_TURN_FAILED",
    detail: "rate_limit",
    steps: [...ACCEPTED_STEPS, stepJson("DELIVERY_STATE_FAILED", 900)],
  });
  const { exitCode, stdout } = await send(["--verify"], failed);
  assert.equal(exitCode, 0);
  assert.equal(
    stdout,
    "team-a/alpha/lead: FAILED(TURN_FAILED): rate_limit; the agent had taken it by hook after 314 ms (message m-1)\n",
  );
  assert.equal((await send(["--wait", "answered"], failed)).exitCode, 6);
});

const typedThenEnded: [string, ReceiptJson][] = [
  ["UNCONFIRMED", receiptJson("DELIVERY_STATE_UNCONFIRMED", { steps: [stepJson("DELIVERY_STATE_ENTERED", 1)] })],
  ["EXPIRED after it was typed", receiptJson("DELIVERY_STATE_EXPIRED", { steps: [stepJson("DELIVERY_STATE_TYPED", 1)] })],
  [
    "AGENT_EXITED after it was typed",
    receiptJson("DELIVERY_STATE_FAILED", {
      reason: "FAILURE_REASON_AGENT_EXITED",
      steps: [stepJson("DELIVERY_STATE_ENTERED", 1)],
    }),
  ],
];
for (const [what, receipt] of typedThenEnded) {
  test(`what may have been taken is never offered to be sent again: ${what}`, async () => {
    const { exitCode, stdout } = await send(["--verify"], receipt);
    assert.equal(exitCode, 6);
    assert.doesNotMatch(stdout, /retry|again|--id/);
  });
}

test("what a crash left open is sent again only by somebody who knows", async () => {
  const open = receiptJson("DELIVERY_STATE_FAILED", { reason: "FAILURE_REASON_INDETERMINATE", detail: "the node ended" });
  const { stdout } = await send(["--verify"], open);
  assert.match(stdout, /it may have been taken: do not resend blindly, see mosaic agent tail/);
  assert.match(stdout, /\n {2}once you know that it was not taken: mosaic message retry m-1 --may-duplicate\n/);
});

test("a message that expired before it was typed is offered to be sent again; exit 6", async () => {
  const { exitCode, stdout } = await send([], receiptJson("DELIVERY_STATE_EXPIRED", { steps: held.steps ?? [] }));
  assert.equal(exitCode, 6);
  assert.match(
    stdout,
    /EXPIRED; nobody took it in time .*\n {2}it was never typed; to send it again: mosaic message retry m-1\n/,
  );
});

test("Ctrl-C says that the message may go on and how to look at it, in JSON too; exit 130", async () => {
  const interrupting = (io: MemoryIo): never => {
    const reason = new MosaicError("CANCELLED", "interrupted");
    io.interrupt(reason);
    throw reason;
  };
  const { exitCode, stdout, stderr } = await send(["--json"], interrupting);
  assert.equal(exitCode, 130);
  assert.equal(
    stderr,
    [
      "mosaic: interrupted; the message may have been taken all the same",
      "hint: see what became of it: mosaic message show m-1",
      "hint: to repeat it and have it typed once, add --id m-1",
      "",
    ].join("\n"),
  );
  assert.equal(JSON.parse(stdout).code, "CANCELLED");
});
