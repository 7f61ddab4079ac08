import type { TestContext } from "node:test";
import { HeartbeatStatus } from "@mosaic/core";
import { runtimeNamed } from "@mosaic/runtimes";
import { eventually } from "@mosaic/testkit";
import { claudeHome } from "./claude-home.ts";
import { findAgents } from "./install-agents.ts";
import { type ModelServer, startModelServer } from "./model/server.ts";
import { type AgentHome, type RealAgent, startRealAgent } from "./real-agent.ts";

export const claude = runtimeNamed("claude");

const agents = await findAgents();

/** Options of a test that needs the real Claude Code. */
export const needsClaude = { skip: "missing" in agents ? agents.missing : false, timeout: 300_000 };

/** A model, and a Claude Code that speaks to it and is ready; both end with the test. */
export async function startedClaude(
  context: TestContext,
  home: AgentHome = claudeHome,
): Promise<{ model: ModelServer; agent: RealAgent }> {
  const model = await startModelServer();
  context.after(() => model[Symbol.asyncDispose]());
  const agent = await startRealAgent({ adapter: claude, home, bin: "bin" in agents ? agents.bin : "", model });
  context.after(() => agent[Symbol.asyncDispose]());
  await agent.hears("its start", ({ status }) => status === HeartbeatStatus.READY);
  await agent.ready();
  return { model, agent };
}

/** Waits until a text is somewhere on an agent's screen. */
export async function shows(agent: RealAgent, text: string): Promise<void> {
  await eventually(`${text} on the screen`, async () => (await agent.screen()).lines.join("\n").includes(text), 20_000);
}
