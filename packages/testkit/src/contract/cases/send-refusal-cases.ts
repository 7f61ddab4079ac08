import assert from "node:assert/strict";
import { formatAddress } from "@mosaic/core";
import type { DeliveryState } from "@mosaic/wire";
import { refusal, send } from "../case-tools.ts";
import type { ContractCase, ContractContext } from "../contract-case.ts";

function assertNothingTyped(context: ContractContext): void {
  for (const host of context.hosts) assert.deepEqual(host.terminal.typed, [], host.host);
}

/** What Send refuses, and what addresses mean. */
export const sendRefusalCases: readonly ContractCase[] = [
  {
    name: "an address may be as short as it is unique",
    async run(context) {
      const [alpha] = context.hosts;
      for (const [index, agent] of [
        { name: "coder-alpha" },
        { host: "alpha", name: "lead" },
        { host: alpha.hostId, name: "lead" },
      ].entries()) {
        const { receipt } = await send(context, { messageId: `m-${index}`, text: "hi", agent });
        assert.deepEqual([receipt?.agent?.tenantId, receipt?.agent?.host, receipt?.agent?.name], ["team-a", "alpha", agent.name]);
      }
    },
  },
  {
    name: "an ambiguous address is refused with every agent it fits",
    minHosts: 2,
    async run(context) {
      const error = await refusal(send(context, { messageId: "m-1", text: "hi", agent: { name: "lead" } }), "AGENT_AMBIGUOUS");
      assert.deepEqual(
        error.candidates.map(formatAddress),
        context.hosts.map((host) => `${host.tenantId}/${host.host}/lead`),
      );
      assert.match(error.hint ?? "", /team-a\/alpha\/lead/);
      assertNothingTyped(context);
    },
  },
  {
    name: "an unknown address is refused with the agents it is near to",
    async run(context) {
      const error = await refusal(
        send(context, { messageId: "m-1", text: "hi", agent: { name: "coder-alpa" } }),
        "AGENT_NOT_FOUND",
      );
      assert.ok(error.candidates.map(formatAddress).includes("team-a/alpha/coder-alpha"), JSON.stringify(error.candidates));
      await refusal(send(context, { messageId: "m-1", text: "hi", agent: { host: "nowhere", name: "lead" } }), "AGENT_NOT_FOUND");
      await refusal(
        send(context, { messageId: "m-1", text: "hi", agent: { tenantId: "team-z", name: "lead" } }),
        "AGENT_NOT_FOUND",
      );
      assertNothingTyped(context);
    },
  },
  {
    name: "a text that is empty or larger than a message may be is refused, and nothing is typed",
    async run(context) {
      await refusal(send(context, { messageId: "m-1", text: "" }), "USAGE");
      const error = await refusal(send(context, { messageId: "m-1", text: "ä".repeat(131_073) }), "MESSAGE_TOO_LARGE");
      assert.notEqual(error.hint, undefined);
      assertNothingTyped(context);
    },
  },
  {
    name: "control characters are refused, and nothing is typed",
    async run(context) {
      const breakouts = ["\u001b[201~\rrm -rf /", "a\u0000b", "a\u0007", "\u009b201~", "a\u007fb", "\u001b", "\u0003"];
      for (const text of breakouts) await refusal(send(context, { messageId: "m-1", text }), "USAGE");
      assertNothingTyped(context);
    },
  },
  {
    name: "a message without id, with a malformed id, without an agent, or waiting for an unknown state is refused",
    async run(context) {
      const sound = { messageId: "m-1", text: "hi" };
      await refusal(send(context, { ...sound, messageId: "" }), "USAGE");
      await refusal(send(context, { ...sound, messageId: "two words" }), "USAGE");
      await refusal(send(context, { ...sound, messageId: "x".repeat(129) }), "USAGE");
      await refusal(send(context, { ...sound, waitFor: 42 as DeliveryState }), "USAGE");
      await refusal(context.client.send(sound, { signal: context.signal }), "USAGE");
      await refusal(send(context, { ...sound, agent: { name: "" } }), "USAGE");
      assertNothingTyped(context);
    },
  },
];
