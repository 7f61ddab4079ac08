import type { RosterAgent } from "@mosaic/core";
import { agentEnvironment } from "../agent-environment.ts";
import { DEFAULT_SUBMIT, type RuntimeAdapter } from "../contract.ts";
import type { LaunchContext } from "../launch.ts";
import { programOf } from "../process-names.ts";
import { blockedClaude, draftInClaude } from "./claude-screen.ts";
import { claudeSettings } from "./claude-settings.ts";
import { claudeStateFile, hearClaudeState } from "./claude-state.ts";
import { hearClaudeTranscript } from "./claude-transcript.ts";
import { hearClaude } from "./hear-claude.ts";

/** Claude Code. Measured with 2.1.197: one native process, `…/claude-code/bin/claude.exe`. It reports by hooks that its launch
 *  line names, beside those of the user: no file of the user's is touched. */
export const claude: RuntimeAdapter = {
  name: "claude",
  submit: { ...DEFAULT_SUBMIT, awaitsDraft: true, restMs: 1000 },
  resetCommand: "/clear",
  reportsItself: false,
  launch: (agent, context) => ({ argv: ["claude", ...options(agent, context)], env: agentEnvironment(agent, context) }),
  resume: (agent, context, sessionId) => ({
    argv: ["claude", ...options(agent, context), "--resume", sessionId],
    env: agentEnvironment(agent, context),
  }),
  // The name the kernel shows counts too: a native install runs a file that is called by its version number.
  recognises: (process) => ["claude.exe", "claude"].includes(programOf(process)) || process.command === "claude",
  draftOn: draftInClaude,
  clearsDraft: "C-c",
  blockedBy: blockedClaude,
  hear: hearClaude,
  hearTranscript: hearClaudeTranscript,
  stateFile: claudeStateFile,
  hearState: hearClaudeState,
  versionArguments: ["--version"],
};

function options(agent: RosterAgent, context: LaunchContext): string[] {
  const model = agent.modelHint === undefined ? [] : ["--model", agent.modelHint];
  return ["--settings", claudeSettings(context), ...model];
}
