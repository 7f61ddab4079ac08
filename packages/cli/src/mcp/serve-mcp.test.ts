import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { type CallOptions, DeliveryState, type Fleet } from "@mosaic/client";
import { eventually } from "@mosaic/testkit";
import { ReceiptSchema } from "@mosaic/wire";
import { serveMcp } from "./serve-mcp.ts";

interface Told {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly progressToken?: string; readonly message?: string };
  readonly result?: { readonly isError?: boolean; readonly content?: readonly { readonly text: string }[] };
}

/** A client that knows lines of JSON and nothing else. */
function served(fields: Partial<Fleet>) {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  let text = "";
  stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  const stop = new AbortController();
  const ended = serveMcp({ fleet: fields as Fleet, version: "1", isReadOnly: false, stdin, stdout, signal: stop.signal });
  const told = () => text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Told]));
  const say = (message: object) => void stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const ask = async (id: number, method: string, params: object) => {
    say({ id, method, params });
    return await eventually(`an answer to ${method}`, () => told().find((each) => each.id === id));
  };
  const open = async () => {
    const clientInfo = { name: "t", version: "1" };
    await ask(0, "initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo });
    say({ method: "notifications/initialized" });
  };
  return { ask, say, told, open, stdin, stop, ended };
}

const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

test("a tool's calls belong to the client's trace and end with its request", async () => {
  const calls: CallOptions[] = [];
  const { ask, say, open, stdin, ended } = served({
    list: async (_question, call = {}) => {
      calls.push(call);
      return { agents: [], hosts: [], isInconsistent: false, conditions: [] };
    },
    tail: async (_agent, _lines, call = {}) => {
      calls.push(call);
      return await new Promise((_resolve, reject) => call.signal?.addEventListener("abort", () => reject(call.signal?.reason)));
    },
  });
  await open();
  await ask(1, "tools/call", { name: "list_agents", arguments: {}, _meta: { traceparent } });
  assert.equal(calls[0]?.traceparent, traceparent);
  say({ id: 2, method: "tools/call", params: { name: "read_screen", arguments: { agent: "lead" } } });
  await eventually("the call is made", () => calls.length === 2);
  say({ method: "notifications/cancelled", params: { requestId: 2, reason: "no more" } });
  await eventually("the call ended", () => calls[1]?.signal?.aborted === true);
  stdin.end();
  await ended;
});

test("whoever asks for progress is told every step of a message, and why it is held", async () => {
  const receipt = (state: DeliveryState, held = "") => create(ReceiptSchema, { messageId: "m-1", state, held });
  const { ask, told, open, stop, ended } = served({
    send: async () => receipt(DeliveryState.DELIVERED),
    waitFor: async (_id, _state, { onStep } = {}) => {
      onStep?.(receipt(DeliveryState.DELIVERED, "a draft is in the composer"));
      onStep?.(receipt(DeliveryState.ACCEPTED));
      return receipt(DeliveryState.ACCEPTED);
    },
  });
  await open();
  const args = { to: "lead", text: "hello", wait: "accepted" };
  const { result } = await ask(1, "tools/call", { name: "send_message", arguments: args, _meta: { progressToken: "p" } });
  assert.match(result?.content?.[0]?.text ?? "", /"complete":true.*"state":"ACCEPTED"/);
  const progress = told().filter(({ method }) => method === "notifications/progress");
  assert.deepEqual(
    progress.map(({ params }) => params?.message),
    ["DELIVERED; held: a draft is in the composer", "ACCEPTED"],
  );
  stop.abort();
  await ended;
});
