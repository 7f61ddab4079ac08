import assert from "node:assert/strict";
import { test } from "node:test";
import type { ListMessagesRequestJson, MessageJson } from "@mosaic/wire";
import { runCli } from "../../cli.ts";
import { hostJson } from "../../fleet/builders-for-tests.ts";
import { memoryIo } from "../../io/memory-io.ts";
import { ACCEPTED_STEPS, receiptJson, stepJson } from "../../messages/builders-for-tests.ts";
import { memoryRemote } from "../../remote/memory-remote.ts";

const AGGREGATOR = "unix:/home/ada/.config/mosaic/fleet/run/aggregator.sock";
const accepted = receiptJson("DELIVERY_STATE_ACCEPTED", { messageId: "019aa5b0-1", turnId: "t-1", steps: [...ACCEPTED_STEPS] });
const other = receiptJson("DELIVERY_STATE_QUEUED", { messageId: "019aa5c7-2" });

async function show(flags: string[], receipts = [accepted, other], hosts = [hostJson("alpha"), hostJson("beta")]) {
  const io = memoryIo();
  const answer = ({ messageIds = [], withText }: ListMessagesRequestJson) => {
    const asked = receipts.filter(({ messageId = "" }) => messageIds.length === 0 || messageIds.includes(messageId));
    return { hosts, messages: asked.map((receipt): MessageJson => ({ receipt, text: withText ? "run\n\x1b[2Jtests" : "" })) };
  };
  const remote = memoryRemote({ [AGGREGATOR]: { unary: { ListMessages: answer } } });
  const exitCode = await runCli(["message", "show", ...flags], io, { deps: { remote } });
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text };
}

test("every step is told with its evidence and the time since the one before", async () => {
  const { exitCode, stdout } = await show(["019aa5b0-1"]);
  assert.equal(exitCode, 0);
  assert.equal(
    stdout,
    `team-a/alpha/lead  ACCEPTED by hook after 314 ms
  message    019aa5b0-1
  from       desk:operator, 9 bytes, sent 2025-11-21 09:20:00 UTC
  expires    2025-11-22 09:20:00 UTC
  turn       t-1
  text hash  sha256 ab

  STEP       AT (UTC)             TOOK     EVIDENCE  DETAIL
  QUEUED     2025-11-21 09:20:00  -        -
  DELIVERED  2025-11-21 09:20:00  +4 ms    -
  TYPED      2025-11-21 09:20:00  +6 ms    -
  ENTERED    2025-11-21 09:20:00  +252 ms  -
  ACCEPTED   2025-11-21 09:20:00  +62 ms   hook      prompt taken
`,
  );
});

test("the text is shown when it is asked for, and can do nothing to a terminal", async () => {
  assert.match((await show(["019aa5b0-1", "--text"])).stdout, /\n {2}run\n {2}tests\n$/);
  assert.doesNotMatch((await show(["019aa5b0-1"])).stdout, /run/);
});

test("a failure is told with its reason and what held it", async () => {
  const failed = receiptJson("DELIVERY_STATE_FAILED", { reason: "FAILURE_REASON_DRAFT", detail: "a draft", attempt: 2 });
  const { stdout } = await show(["m-1"], [failed]);
  assert.match(stdout, /^team-a\/alpha\/lead {2}FAILED\(DRAFT\)\n/);
  assert.match(stdout, /\n {2}why {8}a draft\n {2}attempt {4}2\n/);
  assert.match(stdout, /no step is on record/);
});

test("steps by clocks that can't be compared have no time between them", async () => {
  const steps = [stepJson("DELIVERY_STATE_QUEUED", 5000), stepJson("DELIVERY_STATE_DELIVERED", 0)];
  const receipt = receiptJson("DELIVERY_STATE_DELIVERED", { steps });
  assert.match((await show(["m-1"], [receipt])).stdout, /DELIVERED .* clocks differ/);
  assert.equal(JSON.parse((await show(["m-1", "--json"], [receipt])).stdout).receipt.steps[1].after_ms, null);
});

test("the beginning of an id is enough when no other begins so", async () => {
  assert.match((await show(["019aa5b"])).stdout, /message {4}019aa5b0-1\n/);
  const { exitCode, stderr } = await show(["019aa5"]);
  assert.equal(exitCode, 2);
  assert.match(stderr, /2 messages begin with "019aa5"\nhint: write more of it: 019aa5b0-1, 019aa5c7-2/);
});

test("an unknown id is told with near ones, and with the hosts that did not answer", async () => {
  const hosts = [hostJson("alpha", { state: "HOST_STATE_UNREACHABLE" })];
  const { exitCode, stderr } = await show(["019aa5b9-1"], [accepted], hosts);
  assert.equal(exitCode, 1);
  assert.equal(
    stderr,
    'mosaic: no message "019aa5b9-1" is known; one host did not answer: team-a/alpha\nhint: did you mean 019aa5b0-1?\n',
  );
});

test("it is partial when the agent's host does not answer and something may still happen", async () => {
  const lost = [hostJson("alpha", { state: "HOST_STATE_UNREACHABLE", detail: "connect timeout" }), hostJson("beta")];
  const open = await show(["019aa5b0-1"], [accepted], lost);
  assert.equal(open.exitCode, 3);
  assert.match(open.stdout, /\nhost team-a\/alpha: UNREACHABLE: .*connect timeout\n$/);
  assert.equal((await show(["m-1"], [receiptJson("DELIVERY_STATE_ANSWERED")], lost)).exitCode, 0);
});

test("the fields of mosaic.message.show/1", async () => {
  const answer = JSON.parse((await show(["019aa5b0-1", "--text", "--json"])).stdout);
  assert.deepEqual(Object.keys(answer), ["schema", "complete", "via", "hosts", "receipt", "text"]);
  assert.deepEqual([answer.schema, answer.complete, answer.text], ["mosaic.message.show/1", true, "run\n\x1b[2Jtests"]);
  assert.deepEqual(
    answer.hosts.map((host: { host: string }) => host.host),
    ["alpha"],
  );
  assert.deepEqual(answer.receipt.steps.at(-1), {
    state: "ACCEPTED",
    at: "2025-11-21T09:20:00.324Z",
    evidence: "hook",
    detail: "prompt taken",
    after_ms: 62,
  });
  assert.equal(JSON.parse((await show(["019aa5b0-1", "--json"])).stdout).text, null);
});
