import { agentEnvironment } from "../agent-environment.ts";
import type { RuntimeAdapter } from "../contract.ts";
import { isNode, lastPart, programOf } from "../process-names.ts";

/** Codex. Measured with 0.169.0: a Node process whose script ends in `/codex`, and below it the native program
 *  `…/codex-linux-x64/vendor/…/bin/codex`, which is also what an install without Node runs alone. */
export const codex: RuntimeAdapter = {
  name: "codex",
  resetCommand: "/clear",
  reportsItself: false,
  launch: (agent, context) => ({
    argv: agent.modelHint === undefined ? ["codex"] : ["codex", "--model", agent.modelHint],
    env: agentEnvironment(agent, context),
  }),
  recognises: (process, children) => {
    if (programOf(process) === "codex") return true;
    if (!isNode(process)) return false;
    return lastPart(process.arguments[1] ?? "") === "codex" || children.some((child) => programOf(child) === "codex");
  },
};
