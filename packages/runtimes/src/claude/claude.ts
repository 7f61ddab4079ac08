import { agentEnvironment } from "../agent-environment.ts";
import type { RuntimeAdapter } from "../contract.ts";
import { programOf } from "../process-names.ts";

/** Claude Code. Measured with 2.1.197: one native process, `…/claude-code/bin/claude.exe`. */
export const claude: RuntimeAdapter = {
  name: "claude",
  resetCommand: "/clear",
  reportsItself: false,
  launch: (agent, context) => ({
    argv: agent.modelHint === undefined ? ["claude"] : ["claude", "--model", agent.modelHint],
    env: agentEnvironment(agent, context),
  }),
  // The name the kernel shows counts too: a native install runs a file that is called by its version number.
  recognises: (process) => ["claude.exe", "claude"].includes(programOf(process)) || process.command === "claude",
};
