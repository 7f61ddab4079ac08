import assert from "node:assert/strict";
import { DeliveryState, FailureReason, type Receipt } from "@mosaic/wire";
import { eventually } from "../../eventually.ts";
import { refusal, send, untilRow } from "../case-tools.ts";
import type { ContractCase, ContractContext } from "../contract-case.ts";

const { DELIVERED, ANSWERED, FAILED } = DeliveryState;

async function receiptOf({ client, signal }: ContractContext, messageId: string): Promise<Receipt | undefined> {
  return (await client.listMessages({ messageIds: [messageId] }, { signal })).messages[0]?.receipt;
}

async function untilState(context: ContractContext, messageId: string, state: DeliveryState): Promise<void> {
  await eventually(`${messageId} is in state ${state}`, async () => (await receiptOf(context, messageId))?.state === state);
}

/** What may be done with messages after they were sent. */
export const messageCases: readonly ContractCase[] = [
  {
    name: "messages are listed newest first, with their text only when it is asked for",
    async run(context) {
      const { client, signal } = context;
      for (const id of ["m-1", "m-2"]) await send(context, { messageId: id, text: `text of ${id}`, waitFor: ANSWERED });
      const list = (fields: object = {}) => client.listMessages(fields, { signal });
      const ids = async (fields: object = {}) => (await list(fields)).messages.map(({ receipt }) => receipt?.messageId);
      await untilState(context, "m-2", ANSWERED);
      assert.deepEqual(await ids(), ["m-2", "m-1"]);
      assert.deepEqual(await ids({ selector: { names: ["nobody"] } }), []);
      assert.deepEqual(await ids({ states: [FAILED] }), []);
      assert.deepEqual(await ids({ limit: 1 }), ["m-2"]);
      assert.equal((await list({ limit: 1 })).truncated, true);
      assert.equal((await list({ messageIds: ["m-1"] })).messages[0]?.text, "");
      assert.equal((await list({ messageIds: ["m-1"], withText: true })).messages[0]?.text, "text of m-1");
    },
  },
  {
    name: "a message that was not typed is given up, on record, and never typed afterwards",
    async run(context) {
      const [alpha] = context.hosts;
      const { client, signal } = context;
      alpha.terminal.clear("lead");
      await send(context, { messageId: "m-1", text: "not any more", waitFor: DELIVERED });
      await untilState(context, "m-1", DELIVERED);
      const { receipt } = await client.cancelMessage({ messageId: "m-1", sourceLabel: "desk:ada" }, { signal });
      assert.deepEqual([receipt?.state, receipt?.reason], [FAILED, FailureReason.CANCELLED]);
      assert.deepEqual(
        alpha.audit.entries.map(({ action, actor }) => [action, actor]),
        [["message.cancel", "desk:ada"]],
      );
      alpha.terminal.print("lead", "ready again");
      await send(context, { messageId: "m-2", text: "this one", waitFor: ANSWERED });
      assert.deepEqual(alpha.stub("lead").prompts, ["this one"]);
      await refusal(client.cancelMessage({ messageId: "unknown" }, { signal }), "MESSAGE_NOT_FOUND");
    },
  },
  {
    name: "a message that failed is sent again under its own id, as one more attempt",
    async run(context) {
      const [alpha] = context.hosts;
      const { client, signal } = context;
      alpha.terminal.killProcess("lead");
      await untilRow(context, "lead", (row) => row.pane?.alive === false);
      const failed = await send(context, { messageId: "m-1", text: "hello again" });
      assert.equal(failed.receipt?.reason, FailureReason.AGENT_EXITED);
      alpha.terminal.endSession("lead");
      alpha.startSession("lead");
      await untilRow(context, "lead", (row) => row.pane?.alive === true);
      await client.retryMessage({ messageId: "m-1" }, { signal });
      await untilState(context, "m-1", ANSWERED);
      const receipt = await receiptOf(context, "m-1");
      assert.deepEqual([receipt?.attempt, receipt?.reason], [2, FailureReason.UNSPECIFIED]);
      assert.deepEqual(alpha.stub("lead").prompts, ["hello again"]);
      await refusal(client.retryMessage({ messageId: "m-1", mayDuplicate: true }, { signal }), "USAGE");
    },
  },
  {
    name: "receipts are watched until the end of each message",
    async run(context) {
      const call = new AbortController();
      const signal = AbortSignal.any([context.signal, call.signal]);
      const states: DeliveryState[] = [];
      const watching = (async () => {
        for await (const { receipt } of context.client.watchReceipts({ messageIds: ["m-1"] }, { signal })) {
          if (receipt) states.push(receipt.state);
          if (receipt?.state === ANSWERED) return;
        }
      })();
      await send(context, { messageId: "m-0", text: "of somebody else", waitFor: ANSWERED });
      await send(context, { messageId: "m-1", text: "watched", waitFor: ANSWERED });
      await watching;
      assert.equal(states.at(-1), ANSWERED);
      call.abort();
    },
  },
];
