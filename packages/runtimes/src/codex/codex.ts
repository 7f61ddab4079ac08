import type { RosterAgent } from "@mosaic/core";
import { agentEnvironment } from "../agent-environment.ts";
import { DEFAULT_SUBMIT, type RuntimeAdapter } from "../contract.ts";
import type { LaunchContext } from "../launch.ts";
import { isNode, lastPart, programOf } from "../process-names.ts";
import { codexHookArguments } from "./codex-hooks.ts";
import { blockedCodex, draftInCodex } from "./codex-screen.ts";
import { hearCodexTranscript } from "./codex-transcript.ts";
import { hearCodex } from "./hear-codex.ts";

/** Codex. Measured with 0.169.0: a Node process whose script ends in `/codex`, and below it the native program
 *  `…/codex-linux-x64/vendor/…/bin/codex`, which is also what an install without Node runs alone. It reports by hooks that its
 *  launch line names and trusts, beside those of the user: no file of the user's is touched. */
export const codex: RuntimeAdapter = {
  name: "codex",
  submit: { ...DEFAULT_SUBMIT, awaitsDraft: true },
  resetCommand: "/clear",
  reportsItself: false,
  launch: (agent, context) => ({ argv: ["codex", ...options(agent, context)], env: agentEnvironment(agent, context) }),
  resume: (agent, context, sessionId) => ({
    argv: ["codex", "resume", sessionId, ...options(agent, context)],
    env: agentEnvironment(agent, context),
  }),
  recognises: (process, children) => {
    if (programOf(process) === "codex") return true;
    if (!isNode(process)) return false;
    return lastPart(process.arguments[1] ?? "") === "codex" || children.some((child) => programOf(child) === "codex");
  },
  draftOn: draftInCodex,
  blockedBy: blockedCodex,
  hear: hearCodex,
  announcesStart: false,
  hookHidesDialog: true,
  hearTranscript: hearCodexTranscript,
  versionArguments: ["--version"],
};

function options(agent: RosterAgent, context: LaunchContext): string[] {
  const model = agent.modelHint === undefined ? [] : ["--model", agent.modelHint];
  // In the shared server of a user's Codex programs the hooks would not know for which agent they speak.
  return [...codexHookArguments(context), "--no-daemon", ...model];
}
