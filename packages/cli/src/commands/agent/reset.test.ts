import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core/light";
import type { ReceiptJson, ResetRequestJson } from "@mosaic/wire";
import { runCli } from "../../cli.ts";
import { memoryIo } from "../../io/memory-io.ts";
import { type MemoryServer, memoryRemote } from "../../remote/memory-remote.ts";

const NODE = "unix:/home/ada/.config/mosaic/fleet/run/node.sock";
const agent = { tenantId: "team-a", host: "alpha", name: "lead" };
const entered: ReceiptJson = { messageId: "r-1", agent, hostId: "id-alpha", state: "DELIVERY_STATE_ENTERED", textSha256: "ab" };
const answering = (receipt: ReceiptJson): MemoryServer => ({ unary: { Reset: () => ({ receipt, command: "/clear" }) } });

async function reset(argv: string[], servers: Record<string, MemoryServer> = { [NODE]: answering(entered) }) {
  const io = memoryIo();
  const remote = memoryRemote(servers);
  const exitCode = await runCli(["agent", "reset", ...argv], io, { deps: { remote } });
  const calls = remote.calls.filter((call) => call.method === "Reset");
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text, calls, request: calls.at(-1)?.request as ResetRequestJson };
}

test("the request says whom, under which id, from whom, and what to wait for", async () => {
  const { request, calls } = await reset(["alpha/lead", "--new", "--id", "x:1", "--wait", "accepted", "--timeout", "3s"]);
  assert.deepEqual(request, {
    agent: { tenantId: "", host: "alpha", name: "lead" },
    messageId: "x:1",
    sourceLabel: "desk:operator",
    waitFor: "DELIVERY_STATE_ACCEPTED",
    waitMs: 3000,
  });
  assert.equal(calls.at(-1)?.timeoutMs, 13_000);
});

test("without --new nothing is asked, and it says why", async () => {
  const { exitCode, stderr, calls } = await reset(["alpha/lead"]);
  assert.deepEqual([exitCode, calls.length], [2, 0]);
  assert.match(stderr, /throws the agent's conversation away.*\nhint: mosaic agent reset alpha\/lead --new/);
});

test("the receipt is told with what was typed", async () => {
  const { exitCode, stdout } = await reset(["lead", "--new"]);
  const told = "/clear: team-a/alpha/lead: ENTERED; not confirmed by the agent (use --wait accepted) (message r-1)\n";
  assert.deepEqual([exitCode, stdout], [0, told]);
});

test("a reset that is held says why, and how to give it up", async () => {
  const held = answering({ ...entered, state: "DELIVERY_STATE_DELIVERED", held: "a draft is in the composer" });
  const { exitCode, stdout } = await reset(["lead", "--new"], { [NODE]: held });
  assert.equal(exitCode, 6);
  assert.match(stdout, /DELIVERED; held: a draft is in the composer .*\n {2}.*to give it up: mosaic message cancel r-1\n$/);
});

test("a confirmation that was asked for and is missing is exit 6; a failure is exit 1", async () => {
  assert.equal((await reset(["lead", "--new", "--wait", "accepted"])).exitCode, 6);
  const unconfirmed = answering({ ...entered, state: "DELIVERY_STATE_UNCONFIRMED" });
  assert.equal((await reset(["lead", "--new", "--wait", "answered"], { [NODE]: unconfirmed })).exitCode, 6);
  const failed = answering({ ...entered, state: "DELIVERY_STATE_FAILED", reason: "FAILURE_REASON_DRAFT" });
  assert.equal((await reset(["lead", "--new"], { [NODE]: failed })).exitCode, 1);
});

test("the fields of mosaic.agent.reset/1", async () => {
  const answer = JSON.parse((await reset(["lead", "--new", "--json"])).stdout);
  assert.deepEqual(Object.keys(answer), ["schema", "complete", "command", "receipt"]);
  assert.deepEqual([answer.schema, answer.complete, answer.command], ["mosaic.agent.reset/1", true, "/clear"]);
  assert.deepEqual([answer.receipt.state, answer.receipt.message_id, answer.receipt.name], ["ENTERED", "r-1", "lead"]);
});

test("without a daemon it says how to start one", async () => {
  const { exitCode, stderr } = await reset(["lead", "--new"], {});
  assert.equal(exitCode, 4);
  assert.match(stderr, /hint: mosaic gateway start; .*: mosaic-node\n/);
});

test("an attempt of unknown outcome names the way to repeat it", async () => {
  const lost = { unary: { Reset: () => Promise.reject(new MosaicError("HOST_UNREACHABLE", "gone")) } };
  const { exitCode, stderr } = await reset(["lead", "--new", "--id", "r-7"], { [NODE]: lost });
  assert.equal(exitCode, 4);
  assert.match(stderr, /add --id r-7\n/);
});

test("a runtime without a reset command is told with how to give it one", async () => {
  const error = new MosaicError("NOT_HERE", "no reset command", { hint: "set runtimes.x.reset_command in the roster" });
  const { exitCode, stderr } = await reset(["lead", "--new"], { [NODE]: { unary: { Reset: () => Promise.reject(error) } } });
  assert.deepEqual([exitCode, stderr], [1, "mosaic: no reset command\nhint: set runtimes.x.reset_command in the roster\n"]);
});
