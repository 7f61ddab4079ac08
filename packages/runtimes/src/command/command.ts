import { MosaicError } from "@mosaic/core";
import { agentEnvironment } from "../agent-environment.ts";
import type { RuntimeAdapter } from "../contract.ts";

/** Any program: the roster says which. Mosaic knows nothing of it, so it is never recognised and never drifts. */
export const command: RuntimeAdapter = {
  name: "command",
  reportsItself: false,
  launch: (agent, context) => {
    if (agent.command === undefined) {
      throw new MosaicError("ROSTER_INVALID", `agent ${JSON.stringify(agent.name)} has runtime command and no command`, {
        hint: 'add to the agent: command: ["program", "argument"]',
      });
    }
    return { argv: agent.command, env: agentEnvironment(agent, context) };
  },
  recognises: () => false,
};
