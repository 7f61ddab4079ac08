import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { DeliveryState, type Fleet, MosaicError, type OutgoingMessage, type Receipt } from "@mosaic/client";
import { ReceiptSchema } from "@mosaic/wire";
import { type MessageOutcome, messageTools } from "./message-tools.ts";

/** Sends over a made-up fleet. */
async function send(args: Record<string, unknown>, fields: Partial<Fleet>): Promise<MessageOutcome> {
  const tool = messageTools.find(({ name }) => name === "send_message") ?? assert.fail();
  return (await tool.run({ to: "beta/lead", text: "hello", ...args }, fields as Fleet, {})) as MessageOutcome;
}

function receipt(messageId: string, state: DeliveryState): Receipt {
  return create(ReceiptSchema, { messageId, state, agent: { tenantId: "team-a", host: "beta", name: "lead" } });
}

const taken = async ({ messageId = "" }: OutgoingMessage) => receipt(messageId, DeliveryState.ENTERED);

test("an answer is read from the agent's complete address, once the screen stands still", async () => {
  const screens = [["> hello"], ["> hello", "hi"], ["> hello", "hi there"], ["> hello", "hi there"]];
  const asked: unknown[] = [];
  const { answer, complete } = await send(
    {},
    {
      send: taken,
      waitFor: async (messageId) => receipt(messageId, DeliveryState.ANSWERED),
      tail: async (agent) => {
        asked.push(agent);
        return { lines: screens[asked.length - 1] ?? [] };
      },
    },
  );
  assert.deepEqual([complete, answer?.text, asked.length, asked[0]], [true, "hi there", 4, "team-a/beta/lead"]);
});

test("a wait that is over leaves the message going on, and says how to ask for it", async () => {
  const outcome = await send(
    { message_id: "m-1" },
    {
      send: taken,
      waitFor: async () => {
        throw new MosaicError("DEADLINE", "not yet");
      },
      receipts: async () => [receipt("m-1", DeliveryState.ACCEPTED)],
    },
  );
  assert.deepEqual([outcome.complete, outcome.state, outcome.answer], [false, "ACCEPTED", undefined]);
  assert.match(outcome.hint ?? "", /wait_for_answer with message_id m-1/);
});

test("after an attempt of unknown outcome the way on is the same id", async () => {
  const lost = send(
    { message_id: "m-1" },
    {
      send: async () => {
        throw new MosaicError("HOST_UNREACHABLE", "the connection broke");
      },
    },
  );
  await assert.rejects(lost, { code: "HOST_UNREACHABLE", hint: /repeat it with message_id m-1/ });
});

test("a message that failed is not complete, whatever was waited for", async () => {
  const failed = { send: taken, waitFor: async (messageId: string) => receipt(messageId, DeliveryState.FAILED) };
  assert.equal((await send({ wait: "entered" }, failed)).complete, false);
});
