import { agentEnvironment } from "../agent-environment.ts";
import type { RuntimeAdapter } from "../contract.ts";
import { isNode } from "../process-names.ts";

/** pi. Measured with 0.73.1: one Node process that renames itself and its command line to `pi`, so that its script's path
 *  is nowhere to be seen. */
export const pi: RuntimeAdapter = {
  name: "pi",
  resetCommand: "/new",
  reportsItself: false,
  launch: (agent, context) => ({
    argv: agent.modelHint === undefined ? ["pi"] : ["pi", "--model", agent.modelHint],
    env: agentEnvironment(agent, context),
  }),
  recognises: (process) => isNode(process) && process.command === "pi",
};
