import assert from "node:assert/strict";
import { MosaicError } from "@mosaic/core";
import { DeliveryState, FailureReason, type ResetResponse } from "@mosaic/wire";
import type { FakeHost } from "../../fake-host.ts";
import { refusal, send, untilRow } from "../case-tools.ts";
import type { ContractCase, ContractContext } from "../contract-case.ts";

type ResetInit = { messageId: string; sourceLabel: string; waitFor: DeliveryState; agent: { name: string } };

const inputs = (host: FakeHost) => host.terminal.typed.map((input) => `${input.kind} ${input.value}`);

function reset(context: ContractContext, request: Partial<ResetInit> = {}): Promise<ResetResponse> {
  const agent = { tenantId: "team-a", host: "alpha", name: "lead" };
  return context.client.reset({ agent, messageId: "r-1", ...request }, { signal: context.signal });
}

/** What Reset promises. */
export const resetCases: readonly ContractCase[] = [
  {
    name: "Reset types the runtime's reset command once, for one agent, and has it on record",
    async run(context) {
      const [alpha] = context.hosts;
      const { receipt, command } = await reset(context, { sourceLabel: "desk:ada" });
      assert.equal(command, "/clear");
      assert.deepEqual(
        [receipt?.messageId, receipt?.state, receipt?.duplicate, receipt?.agent?.name, receipt?.hostId],
        ["r-1", DeliveryState.ENTERED, false, "lead", alpha.hostId],
      );
      assert.deepEqual(inputs(alpha), ["paste /clear", "key Enter"]);
      assert.equal(alpha.terminal.typed[0]?.paneId, alpha.terminal.pane("lead").paneId);
      assert.deepEqual(alpha.audit.entries, [
        {
          action: "agent.reset",
          actor: "desk:ada",
          tenantId: "team-a",
          host: "alpha",
          agent: "lead",
          facts: { message_id: "r-1", command: "/clear" },
        },
      ]);
    },
  },
  {
    name: "the same reset twice is typed once; the second is a duplicate",
    async run(context) {
      const [alpha] = context.hosts;
      await reset(context);
      assert.equal((await reset(context)).receipt?.duplicate, true);
      const both = await Promise.all([reset(context, { messageId: "r-2" }), reset(context, { messageId: "r-2" })]);
      assert.deepEqual(both.map(({ receipt }) => receipt?.duplicate).sort(), [false, true]);
      assert.equal(alpha.terminal.typed.length, 4);
      assert.equal(alpha.audit.entries.length, 2);
    },
  },
  {
    name: "a reset waits in line with the messages to its agent, and for the state that is asked for",
    async run(context) {
      const [alpha] = context.hosts;
      await Promise.all([send(context, { messageId: "m-1", text: "before" }), reset(context)]);
      const { receipt } = await reset(context, { messageId: "r-2", waitFor: DeliveryState.ACCEPTED });
      assert.ok((receipt?.state ?? 0) >= DeliveryState.ACCEPTED, "the stub program takes it like any prompt");
      assert.equal(alpha.terminal.typed.filter(({ kind }) => kind === "paste").length, 3);
    },
  },
  {
    name: "a reset of a dead pane is FAILED like a message, and neither typed nor on record",
    async run(context) {
      const [alpha] = context.hosts;
      alpha.terminal.killProcess("lead");
      await untilRow(context, "lead", (row) => !row.pane?.alive);
      const { receipt } = await reset(context);
      assert.deepEqual([receipt?.state, receipt?.reason], [DeliveryState.FAILED, FailureReason.AGENT_EXITED]);
      assert.deepEqual([alpha.terminal.typed, alpha.audit.entries], [[], []]);
    },
  },
  {
    name: "a reset that can't be recorded is FAILED, and nothing is typed",
    async run(context) {
      const [alpha] = context.hosts;
      alpha.audit.beforeRecord = async () => {
        throw new MosaicError("MACHINE", "the disk is full");
      };
      const { receipt } = await reset(context);
      assert.equal(receipt?.state, DeliveryState.FAILED);
      assert.match(receipt?.detail ?? "", /the disk is full/);
      assert.deepEqual(alpha.terminal.typed, []);
    },
  },
  {
    name: "an agent whose runtime has no reset command is refused, with how to give it one",
    async run(context) {
      const [alpha] = context.hosts;
      alpha.addAgent("oc", "opencode");
      await untilRow(context, "oc", (row) => row.runtime === "opencode" && row.pane?.alive === true);
      const error = await refusal(reset(context, { agent: { name: "oc" } }), "NOT_HERE");
      assert.match(error.message, /opencode/);
      assert.match(error.hint ?? "", /runtimes\.opencode\.reset_command/);
      assert.deepEqual([alpha.terminal.typed, alpha.audit.entries], [[], []]);
    },
  },
  {
    name: "a reset without id, without an agent, or of an unknown one is refused",
    async run(context) {
      await refusal(reset(context, { messageId: "" }), "USAGE");
      await refusal(reset(context, { messageId: "two words" }), "USAGE");
      await refusal(reset(context, { waitFor: 42 as DeliveryState }), "USAGE");
      await refusal(context.client.reset({ messageId: "r-1" }, { signal: context.signal }), "USAGE");
      await refusal(reset(context, { agent: { name: "nobody" } }), "AGENT_NOT_FOUND");
      assert.deepEqual(context.hosts[0].terminal.typed, []);
    },
  },
];
