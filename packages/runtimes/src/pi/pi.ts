import type { RosterAgent } from "@mosaic/core";
import { agentEnvironment } from "../agent-environment.ts";
import { DEFAULT_SUBMIT, type RuntimeAdapter } from "../contract.ts";
import type { LaunchContext } from "../launch.ts";
import { isNode } from "../process-names.ts";
import { hearPi } from "./hear-pi.ts";
import { blockedPi, draftInPi } from "./pi-screen.ts";

/** pi. Measured with 0.73.1: one Node process that renames itself and its command line to `pi`, so that its script's path
 *  is nowhere to be seen. It reports by an extension that its launch line names: nothing of the user's is touched, and the
 *  user's own extensions are loaded too. */
export const pi: RuntimeAdapter = {
  name: "pi",
  submit: { ...DEFAULT_SUBMIT, awaitsDraft: true },
  resetCommand: "/new",
  reportsItself: false,
  launch: (agent, context) => ({ argv: ["pi", ...options(agent, context)], env: agentEnvironment(agent, context) }),
  resume: (agent, context, sessionId) => ({
    argv: ["pi", ...options(agent, context), "--session", sessionId],
    env: agentEnvironment(agent, context),
  }),
  recognises: (process) => isNode(process) && process.command === "pi",
  draftOn: draftInPi,
  blockedBy: blockedPi,
  hear: hearPi,
  versionArguments: ["--version"],
};

function options(agent: RosterAgent, context: LaunchContext): string[] {
  const model = agent.modelHint === undefined ? [] : ["--model", agent.modelHint];
  return ["--extension", `${context.frameworkDirectory}/runtimes/pi/mosaic.mjs`, ...model];
}
