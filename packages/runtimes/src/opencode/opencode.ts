import { agentEnvironment } from "../agent-environment.ts";
import type { RuntimeAdapter } from "../contract.ts";
import { programOf } from "../process-names.ts";

/** opencode. Measured with 1.18.33: one native process, `…/opencode-ai/bin/opencode.exe`. Its reset command was not. */
export const opencode: RuntimeAdapter = {
  name: "opencode",
  reportsItself: false,
  launch: (agent, context) => ({
    argv: agent.modelHint === undefined ? ["opencode"] : ["opencode", "--model", agent.modelHint],
    env: agentEnvironment(agent, context),
  }),
  recognises: (process) => ["opencode.exe", "opencode"].includes(programOf(process)),
};
