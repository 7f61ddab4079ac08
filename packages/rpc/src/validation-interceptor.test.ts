import assert from "node:assert/strict";
import { test } from "node:test";
import type { MosaicError } from "@mosaic/core";
import { stubHandlers } from "@mosaic/testkit";
import { connectInMemory } from "./client/connect-fleet.ts";
import { fromConnectError } from "./error-mapping.ts";

const sound = { agent: { name: "lead" }, messageId: "m-1", text: "hi" };
const unsound = [
  ["text", { ...sound, text: "" }],
  ["message_id", { ...sound, messageId: "two words" }],
  ["message_id", { ...sound, messageId: "x".repeat(129) }],
  ["agent", { messageId: "m-1", text: "hi" }],
  ["agent.name", { ...sound, agent: { name: "" } }],
  ["agent.tenant_id", { ...sound, agent: { name: "lead", tenantId: "a/b" } }],
  ["wait_ms", { ...sound, waitMs: 600_001 }],
  ["wait_for", { ...sound, waitFor: 42 as 1 }],
  ["source_label", { ...sound, sourceLabel: "x".repeat(201) }],
] as const;

/** The error of a call, and whether a handler saw the request. */
async function refusal(validate: boolean, request: object): Promise<{ error: MosaicError; wasHandled: boolean }> {
  let wasHandled = false;
  const handlers = stubHandlers({
    async send() {
      wasHandled = true;
      return {};
    },
  });
  await using connection = connectInMemory(handlers, { validate });
  const thrown = await connection.client.send(request).catch((reason: unknown) => reason);
  assert.ok(thrown instanceof Error, "the request was taken");
  return { error: fromConnectError(thrown, "send"), wasHandled };
}

for (const [end, validate] of [
  ["the client", true],
  ["the server", false],
] as const) {
  test(`${end} refuses what the contract does not allow, names the field, and no handler sees it`, async () => {
    for (const [field, request] of unsound) {
      const { error, wasHandled } = await refusal(validate, request);
      assert.deepEqual([error.code, wasHandled], ["USAGE", false], field);
      assert.ok(error.message.startsWith(`Send: ${field} `), error.message);
      assert.notEqual(error.hint, undefined);
    }
  });

  test(`${end} calls a text that is too large too large`, async () => {
    const { error, wasHandled } = await refusal(validate, { ...sound, text: "ä".repeat(131_073) });
    assert.deepEqual([error.code, wasHandled], ["MESSAGE_TOO_LARGE", false]);
  });
}

test("the request of a stream is checked as well", async () => {
  for (const validate of [true, false]) {
    await using connection = connectInMemory(stubHandlers(), { validate });
    for (const call of [connection.client.tail({}), connection.client.watch({ resumeToken: new Uint8Array(1025) })]) {
      const thrown = await call[Symbol.asyncIterator]()
        .next()
        .catch((reason: unknown) => reason);
      assert.equal(fromConnectError(thrown, "call").code, "USAGE");
    }
  }
});

test("what the contract allows passes, up to its limits", async () => {
  await using connection = connectInMemory(stubHandlers());
  await connection.client.send({ ...sound, text: "ä".repeat(131_072), messageId: "x".repeat(128), waitMs: 600_000 });
});

test("several violations are told at once", async () => {
  const { error } = await refusal(false, { text: "" });
  for (const field of ["agent", "message_id", "text"]) assert.match(error.message, new RegExp(`${field} `));
});
