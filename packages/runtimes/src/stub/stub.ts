import type { RosterAgent } from "@mosaic/core";
import { agentEnvironment } from "../agent-environment.ts";
import type { LaunchContext, RuntimeAdapter } from "../contract.ts";
import { isNode, lastPart } from "../process-names.ts";

const SCRIPT = "stub-agent.mjs";

/** The stub agent of `framework/stub-agent/`: stands in for a coding agent, needs no account and no network. */
export const stub: RuntimeAdapter = {
  name: "stub",
  resetCommand: "/clear",
  reportsItself: true,
  launch: (agent, context) => ({ argv: commandLine(agent, context), env: agentEnvironment(agent, context) }),
  resume: (agent, context, sessionId) => ({
    argv: [...commandLine(agent, context), `--resume=${sessionId}`],
    env: agentEnvironment(agent, context),
  }),
  recognises: (process) => isNode(process) && process.arguments.some((argument) => lastPart(argument) === SCRIPT),
  draftOn: stubDraft,
};

function commandLine(agent: RosterAgent, context: LaunchContext): [string, ...string[]] {
  const script = `${context.frameworkDirectory}/stub-agent/${SCRIPT}`;
  return [context.nodeProgram, script, ...stubFlags(agent.modelHint ?? "")];
}

// The composer is the line above the status line, which is the last that shows anything.
function stubDraft(screen: readonly string[]): string | undefined {
  const shown = screen.map((line) => line.trimEnd()).filter((line) => line !== "");
  const draft = /^> (.+)$/.exec(shown.at(-2) ?? "")?.[1];
  return draft === "" ? undefined : draft;
}

const FLAGS = ["alternate-screen", "slow", "interval"];

/** Turns a model hint such as `alternate-screen,slow=500,wedged` into the stub's flags; what is no flag is a behaviour. */
export function stubFlags(modelHint: string): string[] {
  const words = modelHint
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
  const isFlag = (word: string): boolean => FLAGS.includes(word.split("=")[0] ?? "");
  const behaviours = words.filter((word) => !isFlag(word));
  return [
    ...words.filter(isFlag).map((word) => `--${word}`),
    ...(behaviours.length === 0 ? [] : [`--behave=${behaviours.join(",")}`]),
  ];
}
