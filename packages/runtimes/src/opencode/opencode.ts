import type { RosterAgent } from "@mosaic/core";
import { agentEnvironment } from "../agent-environment.ts";
import { DEFAULT_SUBMIT, type RuntimeAdapter } from "../contract.ts";
import type { LaunchContext } from "../launch.ts";
import { programOf } from "../process-names.ts";
import { hearOpencode } from "./hear-opencode.ts";
import { blockedOpencode, composerOfOpencode, draftInOpencode } from "./opencode-screen.ts";

/** opencode. Measured with 1.18.33: one native process, `…/opencode-ai/bin/opencode.exe`. It reports by a plugin that a variable
 *  of its launch line names: nothing of the user's is touched, and the user's own plugins are loaded too. */
export const opencode: RuntimeAdapter = {
  name: "opencode",
  // Its first screen asks for a session before it empties its composer; a conversation empties it in the moment of the Enter.
  submit: { ...DEFAULT_SUBMIT, awaitsDraft: true, enterAgainIn: "conversation" },
  resetCommand: "/new",
  reportsItself: false,
  launch: (agent, context) => ({ argv: ["opencode", ...options(agent)], env: environmentOf(agent, context) }),
  resume: (agent, context, sessionId) => ({
    argv: ["opencode", ...options(agent), "--session", sessionId],
    env: environmentOf(agent, context),
  }),
  recognises: (process) => ["opencode.exe", "opencode"].includes(programOf(process)),
  draftOn: draftInOpencode,
  composerOn: composerOfOpencode,
  blockedBy: blockedOpencode,
  hear: hearOpencode,
  versionArguments: ["--version"],
};

function options(agent: RosterAgent): string[] {
  return agent.modelHint === undefined ? [] : ["--model", agent.modelHint];
}

/** Settings in this variable are added to those of the user's files; lists such as `plugin` are joined. */
function environmentOf(agent: RosterAgent, context: LaunchContext): Record<string, string> {
  const plugin = `file://${encodeURI(context.frameworkDirectory)}/runtimes/opencode/mosaic.mjs`;
  return { ...agentEnvironment(agent, context), OPENCODE_CONFIG_CONTENT: JSON.stringify({ plugin: [plugin] }) };
}
