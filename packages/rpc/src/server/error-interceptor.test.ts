import assert from "node:assert/strict";
import { test } from "node:test";
import { type Log, type LogFields, MosaicError, silentLog } from "@mosaic/core";
import { stubHandlers } from "@mosaic/testkit";
import { connectInMemory } from "../client/connect-fleet.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const CANARY = "cAnArY-of-a-prompt";

function logged(handlers: Parameters<typeof stubHandlers>[0]) {
  const lines: { level: string; message: string; fields: LogFields }[] = [];
  const at = (level: string) => (fields: LogFields, message: string) => void lines.push({ level, message, fields });
  const log: Log = { ...silentLog, debug: at("debug"), error: at("error"), isLevelEnabled: () => true };
  return { lines, ...connectInMemory(stubHandlers(handlers), {}, { log }) };
}

const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, "x-request-id": "deploy-17" };

test("a call's line names its rpc, its end, its trace and the caller's own id for it, and nothing of what was asked", async () => {
  const { client, lines } = logged({
    send: async () => {
      throw new MosaicError("AGENT_NOT_FOUND", `no agent for ${CANARY}`);
    },
  });
  await client.info({}, { headers });
  await assert.rejects(client.send({ agent: { name: "x" }, messageId: "m", text: CANARY }, { headers }));
  const ids = { trace: traceId, request: "deploy-17" };
  assert.deepEqual(
    lines.map(({ level, message, fields: { ms, ...fields } }) => [level, message, typeof ms, fields]),
    [
      ["debug", "call is over", "number", { method: "Info", ...ids, code: "OK" }],
      ["debug", "call is over", "number", { method: "Send", ...ids, code: "AGENT_NOT_FOUND" }],
    ],
  );
  assert.ok(!JSON.stringify(lines).includes(CANARY));
});

test("a fault of ours is an error's line with the same ids", async () => {
  const { client, lines } = logged({
    info: () => {
      throw new Error("a bug");
    },
  });
  await assert.rejects(client.info({}, { headers }));
  const [first] = lines;
  assert.deepEqual(
    [first?.level, first?.message, first?.fields["trace"], first?.fields["request"]],
    ["error", "handler failed", traceId, "deploy-17"],
  );
});

test("ids that are none stay out of the log", async () => {
  const { client, lines } = logged({});
  await client.info({}, { headers: { traceparent: "00-x\\u001b[31m-y-01", "x-request-id": "a b{}" } });
  assert.deepEqual(Object.keys(lines[0]?.fields ?? {}), ["method", "code", "ms"]);
});
