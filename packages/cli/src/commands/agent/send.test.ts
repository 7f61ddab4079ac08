import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core/light";
import type { ReceiptJson, SendRequestJson } from "@mosaic/wire";
import { runCli } from "../../cli.ts";
import { type MemoryIoOptions, memoryIo } from "../../io/memory-io.ts";
import { type MemoryServer, memoryRemote } from "../../remote/memory-remote.ts";

const AGGREGATOR = "unix:/home/ada/.config/mosaic/fleet/run/aggregator.sock";
const NODE = "unix:/home/ada/.config/mosaic/fleet/run/node.sock";
const agent = { tenantId: "team-a", host: "alpha", name: "lead" };
const at = (ms: number) => String(1_763_716_800_000 + ms);

function receipt(state: NonNullable<ReceiptJson["state"]>, more: Partial<ReceiptJson> = {}): ReceiptJson {
  return { messageId: "m-1", agent, hostId: "id-alpha", state, textSha256: "ab", ...more };
}

const accepted = receipt("DELIVERY_STATE_ACCEPTED", {
  turnId: "t-1",
  steps: [
    { state: "DELIVERY_STATE_TYPED", atUnixMs: at(0) },
    { state: "DELIVERY_STATE_ENTERED", atUnixMs: at(10) },
    { state: "DELIVERY_STATE_ACCEPTED", atUnixMs: at(62), evidence: "EVIDENCE_HOOK", detail: "prompt taken" },
  ],
});

const answering = (reply: ReceiptJson): MemoryServer => ({ unary: { Send: () => ({ receipt: reply }) } });

async function send(argv: string[], servers: Record<string, MemoryServer>, options: MemoryIoOptions = {}) {
  const io = memoryIo(options);
  const remote = memoryRemote(servers);
  const exitCode = await runCli(["agent", "send", ...argv], io, { deps: { remote } });
  const request = remote.calls.at(-1)?.request as SendRequestJson | undefined;
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text, calls: remote.calls, request };
}

test("the request says who, what, from whom, and what to wait for", async () => {
  const { calls, request } = await send(["alpha/lead", "-m", "run the tests", "--verify", "--timeout", "3s", "--id", "x:1"], {
    [AGGREGATOR]: answering(accepted),
  });
  assert.deepEqual(request, {
    agent: { tenantId: "", host: "alpha", name: "lead" },
    messageId: "x:1",
    text: "run the tests",
    sourceLabel: "desk:operator",
    waitFor: "DELIVERY_STATE_ACCEPTED",
    waitMs: 3000,
  });
  assert.equal(calls[0]?.timeoutMs, 13_000);
});

test("without flags it waits 10 s for ENTERED, under a new UUIDv7", async () => {
  const { request } = await send(["lead", "-m", "x", "--source-label", "ci"], { [AGGREGATOR]: answering(accepted) });
  assert.deepEqual([request?.waitFor, request?.waitMs, request?.sourceLabel], ["DELIVERY_STATE_ENTERED", 10_000, "ci"]);
  assert.match(request?.messageId ?? "", /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("acceptance is told with its evidence and its time", async () => {
  const { exitCode, stdout } = await send(["lead", "-m", "x", "--verify"], { [AGGREGATOR]: answering(accepted) });
  assert.deepEqual([exitCode, stdout], [0, "team-a/alpha/lead: ACCEPTED by hook after 62 ms (message m-1)\n"]);
});

const sentences: [string, string[], ReceiptJson, number, string][] = [
  [
    "ENTERED is no more than that",
    [],
    receipt("DELIVERY_STATE_ENTERED"),
    0,
    "ENTERED; not confirmed by the agent (use --verify) (message m-1)",
  ],
  [
    "ENTERED is not enough for --verify",
    ["--verify"],
    receipt("DELIVERY_STATE_ENTERED"),
    6,
    "ENTERED; not confirmed by the agent within 10 s (message m-1)",
  ],
  [
    "ENTERED is not enough for --wait accepted",
    ["--wait", "accepted"],
    receipt("DELIVERY_STATE_ENTERED"),
    6,
    "ENTERED; not confirmed by the agent within 10 s (message m-1)",
  ],
  [
    "UNCONFIRMED warns, with and without --verify",
    [],
    receipt("DELIVERY_STATE_UNCONFIRMED", { detail: "no evidence in 10 s" }),
    6,
    "UNCONFIRMED: no evidence in 10 s; it may have been taken: do not resend blindly, see mosaic agent tail (message m-1)\n  word of it may still come: mosaic message watch m-1",
  ],
  [
    "a failure is exit 1",
    [],
    receipt("DELIVERY_STATE_FAILED", { reason: "FAILURE_REASON_DRAFT", detail: "a draft is there" }),
    1,
    "FAILED(DRAFT): a draft is there (message m-1)\n  it was never typed; to send it again: mosaic message retry m-1",
  ],
  [
    "a failure with --verify is exit 6",
    ["--verify"],
    receipt("DELIVERY_STATE_FAILED", { reason: "FAILURE_REASON_REJECTED" }),
    6,
    "FAILED(REJECTED) (message m-1)",
  ],
  [
    "a failure with any --wait is exit 6",
    ["--wait", "entered"],
    receipt("DELIVERY_STATE_FAILED", { reason: "FAILURE_REASON_REJECTED" }),
    6,
    "FAILED(REJECTED) (message m-1)",
  ],
  [
    "ACCEPTED is short of --wait answered",
    ["--wait", "answered", "--timeout", "2m"],
    receipt("DELIVERY_STATE_ACCEPTED"),
    6,
    "ACCEPTED; not answered within 120 s (message m-1)",
  ],
  ["ANSWERED is more than accepted", ["--verify"], receipt("DELIVERY_STATE_ANSWERED"), 0, "ANSWERED (message m-1)"],
  [
    "a duplicate says so",
    [],
    receipt("DELIVERY_STATE_ENTERED", { duplicate: true }),
    0,
    "ENTERED; not confirmed by the agent (use --verify) (message m-1, sent before and not typed again)",
  ],
  [
    "a state from the future is shown, and proves nothing",
    [],
    receipt("DELIVERY_STATE_BLESSED" as never),
    6,
    "BLESSED (message m-1)",
  ],
];
for (const [claim, flags, reply, code, sentence] of sentences) {
  test(claim, async () => {
    const { exitCode, stdout } = await send(["lead", "-m", "x", ...flags], { [AGGREGATOR]: answering(reply) });
    assert.deepEqual([exitCode, stdout], [code, `team-a/alpha/lead: ${sentence}\n`]);
  });
}

test("the fields of mosaic.agent.send/1", async () => {
  const { stdout } = await send(["lead", "-m", "x", "--verify", "--json"], { [AGGREGATOR]: answering(accepted) });
  const answer = JSON.parse(stdout);
  assert.deepEqual(Object.keys(answer), ["schema", "complete", "receipt"]);
  assert.deepEqual([answer.schema, answer.complete], ["mosaic.agent.send/1", true]);
  assert.deepEqual(Object.keys(answer.receipt), [
    "message_id",
    "tenant_id",
    "host",
    "host_id",
    "name",
    "state",
    "reason",
    "detail",
    "steps",
    "text_sha256",
    "turn_id",
    "duplicate",
    "attempt",
    "held",
    "source_label",
    "text_bytes",
    "created_at",
    "expires_at",
    "guard",
  ]);
  assert.deepEqual(answer.receipt.steps[2], {
    state: "ACCEPTED",
    at: "2025-11-21T09:20:00.062Z",
    evidence: "hook",
    detail: "prompt taken",
  });
  assert.equal(answer.receipt.reason, null);
});

test("the text comes from a file or a pipe, without the line break at its end", async () => {
  const servers = { [AGGREGATOR]: answering(accepted) };
  assert.equal((await send(["lead", "--file", "-"], servers, { files: { "-": "a\nb\n" } })).request?.text, "a\nb");
  assert.equal((await send(["lead", "-f", "/x"], servers, { files: { "/x": "a\r\n" } })).request?.text, "a");
});

test("what can't be sent is refused before anything is", async () => {
  const servers = { [AGGREGATOR]: answering(accepted) };
  const refused = async (argv: string[], files: Record<string, string | Uint8Array> = {}) => {
    const { exitCode, stderr, calls } = await send(argv, servers, { files });
    assert.deepEqual(calls, []);
    assert.equal(exitCode, 2);
    return stderr;
  };
  assert.match(await refused(["lead"]), /either --message or --file/);
  assert.match(await refused(["lead", "-m", "x", "-f", "y"]), /either --message or --file/);
  assert.match(await refused(["lead", "-m", " \n"]), /the text is empty/);
  assert.match(await refused(["lead", "-m", "ü".repeat(131_073)]), /the text is 262146 bytes/);
  assert.match(await refused(["lead", "-f", "-"], { "-": Uint8Array.of(0xff, 0xfe) }), /not UTF-8/);
  assert.match(await refused(["a/b/c/d", "-m", "x"]), /not an agent's address/);
  assert.match(await refused(["lead", "-m", "x", "--id", "no spaces"]), /not a message id/);
  assert.match(await refused(["lead", "-m", "x", "--timeout", "11m"]), /at most 10m/);
  assert.match(await refused(["lead", "-m", "x", "--verify", "--wait", "entered"]), /leave out one/);
  assert.match(await refused(["lead", "-m", "x", "--verify", "--wait", "queued"]), /leave out one/);
  assert.match(await refused(["lead", "-m", "x", "--expires", "8d"]), /1ms to 7d/);
  assert.match(await refused(["lead", "-m", "x", "--expires", "0s"]), /1ms to 7d/);
});

test("a text of exactly the limit is sent", async () => {
  const { exitCode } = await send(["lead", "-m", "x".repeat(262_144)], { [AGGREGATOR]: answering(accepted) });
  assert.equal(exitCode, 0);
});

test("the aggregator is asked, else the node of this host; with --all-hosts the aggregator only", async () => {
  const both = { [AGGREGATOR]: answering(accepted), [NODE]: answering(accepted) };
  assert.deepEqual(
    (await send(["lead", "-m", "x"], both)).calls.map((call) => call.endpoint),
    [AGGREGATOR],
  );
  assert.deepEqual(
    (await send(["lead", "-m", "x"], { [NODE]: answering(accepted) })).calls.map((call) => call.endpoint),
    [AGGREGATOR, NODE],
  );
  const only = await send(["lead", "-m", "x", "--all-hosts"], { [NODE]: answering(accepted) });
  assert.deepEqual([only.exitCode, only.calls.length], [4, 1]);
});

test("an attempt of unknown outcome is never made again by itself, and the way to repeat it is named", async () => {
  for (const code of ["DEADLINE", "HOST_UNREACHABLE"] as const) {
    const failing = { unary: { Send: () => Promise.reject(new MosaicError(code, "gone")) } };
    const { exitCode, stderr, calls } = await send(["lead", "-m", "x", "--id", "m-7"], {
      [AGGREGATOR]: failing,
      [NODE]: answering(accepted),
    });
    assert.equal(exitCode, 4);
    assert.equal(calls.length, 1);
    assert.equal(
      stderr,
      "mosaic: gone; the message may have been taken all the same\nhint: see what became of it: mosaic message show m-7\nhint: to repeat it and have it typed once, add --id m-7\n",
    );
  }
});

test("an unknown agent is exit 1 with near names", async () => {
  const unknown = new MosaicError("AGENT_NOT_FOUND", 'no agent "led" among the 3 in scope', {
    hint: "did you mean team-a/alpha/lead?",
  });
  const { exitCode, stderr } = await send(["led", "-m", "x"], {
    [AGGREGATOR]: { unary: { Send: () => Promise.reject(unknown) } },
  });
  assert.deepEqual(
    [exitCode, stderr],
    [1, 'mosaic: no agent "led" among the 3 in scope\nhint: did you mean team-a/alpha/lead?\n'],
  );
});
