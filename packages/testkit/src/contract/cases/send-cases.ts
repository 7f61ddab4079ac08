import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type Condition, DeliveryState, Evidence, FailureReason, type Receipt } from "@mosaic/wire";
import { eventually } from "../../eventually.ts";
import type { FakeHost } from "../../fake-host.ts";
import { enumName, refusal, send, untilRow } from "../case-tools.ts";
import type { ContractCase, ContractContext } from "../contract-case.ts";

const pastes = (host: FakeHost) => host.terminal.typed.filter((input) => input.kind === "paste").map((input) => input.value);
const isHeld = ({ type }: Condition) => type === "MESSAGE_HELD";
const receiptOf = async ({ client, signal }: ContractContext, messageId: string) =>
  (await client.listMessages({ messageIds: [messageId] }, { signal })).messages[0]?.receipt;
const steps = (receipt: Receipt | undefined) => receipt?.steps.map((step) => enumName(DeliveryState, step.state)) ?? [];

/** What Send promises of a message that can be delivered. */
export const sendCases: readonly ContractCase[] = [
  {
    name: "a message is typed, entered, and ACCEPTED on the agent's own word",
    async run(context) {
      const [alpha] = context.hosts;
      alpha.stub("lead").manners.holdsTurns = true;
      const text = "please look at\nthe second line";
      const { receipt } = await send(context, { messageId: "m-1", text, waitFor: DeliveryState.ACCEPTED });
      assert.deepEqual(steps(receipt), ["QUEUED", "DELIVERED", "TYPED", "ENTERED", "ACCEPTED"]);
      assert.equal(receipt?.state, DeliveryState.ACCEPTED);
      assert.equal(receipt?.steps.at(-1)?.evidence, Evidence.HOOK);
      assert.deepEqual(
        [receipt?.messageId, receipt?.hostId, receipt?.turnId, receipt?.duplicate],
        ["m-1", alpha.hostId, "lead-turn-1", false],
      );
      assert.deepEqual([receipt?.agent?.tenantId, receipt?.agent?.host, receipt?.agent?.name], ["team-a", "alpha", "lead"]);
      assert.equal(receipt?.textSha256, createHash("sha256").update(text).digest("hex"));
      assert.deepEqual(alpha.stub("lead").prompts, [text]);
    },
  },
  {
    name: "a message whose turn ended is ANSWERED",
    async run(context) {
      const { receipt } = await send(context, { messageId: "m-1", text: "quick question", waitFor: DeliveryState.ANSWERED });
      assert.equal(receipt?.state, DeliveryState.ANSWERED);
      assert.deepEqual(steps(receipt).slice(-2), ["ACCEPTED", "ANSWERED"]);
    },
  },
  {
    name: "a message to an agent that says nothing is ENTERED, and after a while UNCONFIRMED, whoever waits",
    async run(context) {
      const [alpha] = context.hosts;
      alpha.stub("lead").manners.isSilent = true;
      const entered = await send(context, { messageId: "m-1", text: "one" });
      assert.equal(entered.receipt?.state, DeliveryState.ENTERED);
      const again = await send(context, { messageId: "m-1", text: "one", waitFor: DeliveryState.ACCEPTED, waitMs: 50 });
      assert.match(steps(again.receipt).at(-1) ?? "", /^(ENTERED|UNCONFIRMED)$/);
      await eventually(
        "it is unconfirmed",
        async () => (await receiptOf(context, "m-1"))?.state === DeliveryState.UNCONFIRMED,
        18_000,
      );
      assert.deepEqual(pastes(alpha), ["one"]);
    },
  },
  {
    name: "the same id and text again types nothing and returns the same receipt as a duplicate",
    async run(context) {
      const [alpha] = context.hosts;
      const message = { messageId: "m-1", text: "once only", waitFor: DeliveryState.ACCEPTED };
      const first = await send(context, message);
      const again = await send(context, message);
      assert.deepEqual([first.receipt?.duplicate, again.receipt?.duplicate], [false, true]);
      assert.equal(again.receipt?.textSha256, first.receipt?.textSha256);
      const both = await Promise.all([
        send(context, { messageId: "m-2", text: "twin" }),
        send(context, { messageId: "m-2", text: "twin" }),
      ]);
      assert.deepEqual(both.map(({ receipt }) => receipt?.duplicate).sort(), [false, true]);
      assert.deepEqual(pastes(alpha), ["once only", "twin"]);
    },
  },
  {
    name: "the same id with another text or for another agent is ALREADY_EXISTS, and nothing is typed",
    async run(context) {
      const [alpha] = context.hosts;
      await send(context, { messageId: "m-1", text: "first" });
      await refusal(send(context, { messageId: "m-1", text: "second" }), "MESSAGE_ID_REUSED");
      await refusal(send(context, { messageId: "m-1", text: "first", agent: { name: "coder-alpha" } }), "MESSAGE_ID_REUSED");
      assert.deepEqual(pastes(alpha), ["first"]);
    },
  },
  {
    name: "a text of exactly the largest size goes through whole",
    async run(context) {
      const [alpha] = context.hosts;
      const text = "ä".repeat(131_072);
      const { receipt } = await send(context, { messageId: "m-1", text, waitFor: DeliveryState.ACCEPTED });
      assert.ok((receipt?.state ?? 0) >= DeliveryState.ACCEPTED);
      assert.ok(alpha.stub("lead").prompts[0] === text);
    },
  },
  {
    name: "a message to a dead pane, or to an agent without a session, is FAILED(AGENT_EXITED)",
    async run(context) {
      const [alpha] = context.hosts;
      alpha.terminal.killProcess("lead");
      const dead = await send(context, { messageId: "m-1", text: "hello?" });
      assert.deepEqual([dead.receipt?.state, dead.receipt?.reason], [DeliveryState.FAILED, FailureReason.AGENT_EXITED]);
      alpha.terminal.endSession("lead");
      const gone = await send(context, { messageId: "m-2", text: "hello?" });
      assert.deepEqual([gone.receipt?.state, gone.receipt?.reason], [DeliveryState.FAILED, FailureReason.AGENT_EXITED]);
      assert.deepEqual(pastes(alpha), []);
    },
  },
  {
    name: "a message to a blank screen is held, shown so, and typed when something is on the screen",
    async run(context) {
      const [alpha] = context.hosts;
      alpha.terminal.clear("lead");
      const { receipt } = await send(context, { messageId: "m-1", text: "too early", waitMs: 1000 });
      assert.equal(receipt?.state, DeliveryState.DELIVERED);
      assert.match((await receiptOf(context, "m-1"))?.held ?? "", /blank/);
      assert.deepEqual(alpha.terminal.typed, []);
      await untilRow(context, "lead", (row) => row.pendingMessages === 1 && row.conditions.some(isHeld));
      alpha.terminal.print("lead", "ready again");
      await eventually("it is answered", async () => (await receiptOf(context, "m-1"))?.state === DeliveryState.ANSWERED);
      assert.equal((await receiptOf(context, "m-1"))?.held, "");
      await untilRow(context, "lead", (row) => row.pendingMessages === 0 && !row.conditions.some(isHeld));
    },
  },
];
