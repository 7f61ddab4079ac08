import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { aborted, MosaicError } from "@mosaic/core";
import { connectInMemory, type FleetHandlers } from "@mosaic/rpc";
import { anAgent, FakeClock, stubHandlers } from "@mosaic/testkit";
import { DeliveryState, type SendRequest, WatchReceiptsResponseSchema } from "@mosaic/wire";
import { openFleet } from "./open-fleet.ts";

function opened(handlers: Partial<FleetHandlers>) {
  const clock = new FakeClock();
  return {
    clock,
    fleet: openFleet({ connection: connectInMemory(stubHandlers(handlers)), clock }, { sourceLabel: "billing:nightly" }),
  };
}

test("a message carries its own id, the connection's label, and the call's trace and deadline", async () => {
  const seen: { request: SendRequest; traceparent: string | null }[] = [];
  const { fleet } = opened({
    async send(request, { span }) {
      seen.push({ request, traceparent: span.traceparent ?? null });
      return { receipt: { messageId: request.messageId, state: DeliveryState.ACCEPTED } };
    },
  });
  await using _ = fleet;
  const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const receipt = await fleet.send({ to: "beta/lead", text: "hello", waitFor: DeliveryState.ACCEPTED }, { traceparent });
  const [{ request, traceparent: told } = assert.fail()] = seen;
  assert.equal(receipt.state, DeliveryState.ACCEPTED);
  assert.deepEqual([request.agent?.host, request.agent?.name, request.sourceLabel], ["beta", "lead", "billing:nightly"]);
  assert.match(request.messageId, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.match(told ?? "", /^00-4bf92f3577b34da6a3ce929d0e0e4736-/);
});

test("pages are put together", async () => {
  const pages = ["lead", "coder0", "coder1"];
  const { fleet } = opened({
    async list({ pageToken }) {
      const page = Number(pageToken || "0");
      const rows = [anAgent({ name: pages[page] ?? "" })];
      const nextPageToken = page + 1 < pages.length ? `${page + 1}` : "";
      return { rows, hosts: [], epoch: "e", rev: 1n, nextPageToken, isInconsistent: page === 1 };
    },
  });
  await using _ = fleet;
  const { agents, isInconsistent } = await fleet.list({ names: pages });
  assert.deepEqual([agents.map(({ name }) => name), isInconsistent], [pages, true]);
});

test("a wait goes on over lost streams, and ends with the state that was waited for, or with the end", async () => {
  let streams = 0;
  const { fleet, clock } = opened({
    async *watchReceipts({ messageIds: [messageId = ""] }) {
      streams += 1;
      yield receiptFrame(messageId, DeliveryState.ENTERED);
      if (streams < 3) throw new MosaicError("HOST_UNREACHABLE", "connect ECONNREFUSED");
      const end = messageId === "m-failed" ? DeliveryState.FAILED : DeliveryState.ANSWERED;
      yield receiptFrame(messageId, end);
    },
  });
  await using _ = fleet;
  const steps: DeliveryState[] = [];
  const answered = fleet.waitFor("m-1", DeliveryState.ANSWERED, { onStep: ({ state }) => void steps.push(state) });
  for (let turn = 0; turn < 20; turn += 1) await clock.advance(1000);
  assert.equal((await answered).state, DeliveryState.ANSWERED);
  const { ENTERED, ANSWERED } = DeliveryState;
  assert.deepEqual([streams, steps], [3, [ENTERED, ENTERED, ENTERED, ANSWERED]]);
  assert.equal((await fleet.waitFor("m-failed", DeliveryState.ANSWERED)).state, DeliveryState.FAILED);
});

test("a wait that is too long is DEADLINE, and one that is cut short is the caller's own reason", async () => {
  const { fleet } = opened({
    async *watchReceipts(_request, { signal }) {
      yield receiptFrame("m-1", DeliveryState.QUEUED);
      await aborted(signal);
    },
  });
  await using _ = fleet;
  await assert.rejects(fleet.waitFor("m-1", DeliveryState.ANSWERED, { deadlineMs: 50 }), {
    code: "DEADLINE",
    message: /m-1 was not ANSWERED within 50 ms; it goes on/,
  });
  const stop = AbortSignal.abort(new Error("shutting down"));
  await assert.rejects(fleet.waitFor("m-1", DeliveryState.ANSWERED, { signal: stop }), /shutting down/);
});

test("an error keeps its code, hint and candidates", async () => {
  const { fleet } = opened({
    async send() {
      throw new MosaicError("AGENT_NOT_FOUND", 'no agent "leed"', { hint: "did you mean lead?" });
    },
  });
  await using _ = fleet;
  await assert.rejects(fleet.send({ to: "leed", text: "x" }), { code: "AGENT_NOT_FOUND", hint: "did you mean lead?" });
  await assert.rejects(fleet.send({ to: "not/an/agent/address", text: "x" }), { code: "USAGE" });
});

function receiptFrame(messageId: string, state: DeliveryState) {
  return create(WatchReceiptsResponseSchema, { receipt: { messageId, state } });
}
