import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { HeartbeatStatus } from "@mosaic/core";
import { eventually } from "@mosaic/testkit";
import { claude, needsClaude, startedClaude } from "./claude-agent.ts";
import { claudeHomeWith } from "./claude-home.ts";
import { answersDialog, decide } from "./leave-answers.ts";
import type { RealAgent } from "./real-agent.ts";

const asking = claudeHomeWith({});

async function isAsking(agent: RealAgent): Promise<boolean> {
  return claude.blockedBy?.(await agent.screen()) === "permission dialog";
}

/** Has a command asked leave for, and waits for the dialog of Claude Code's own. @returns the request's id */
async function asksLeave(agent: RealAgent, command: string): Promise<string> {
  const since = agent.heard.length;
  await agent.type(`RUN=${command}`);
  const { report } = await agent.hears("it asks leave", ({ asked }) => asked?.length === 1, since);
  assert.deepEqual([report?.status, report?.waitingFor], [HeartbeatStatus.WAITING, "permission"]);
  const [asked] = report?.asked ?? [];
  assert.deepEqual({ ...asked, requestId: "" }, { requestId: "", tool: "Bash", summary: command, answerable: true });
  await eventually("its dialog", () => isAsking(agent));
  return asked?.requestId ?? "";
}

test("claude: leave is given and refused by machine while its dialog is open", needsClaude, async (context) => {
  const { model, agent } = await startedClaude(context, asking);
  const allowed = await asksLeave(agent, "touch allowed");
  await decide(agent, allowed, { decision: "allow", comment: "" });
  await agent.hears("settled", ({ resolvedRequestIds }) => resolvedRequestIds?.includes(allowed));
  await agent.hears("the end", ({ endedTurnIds }) => endedTurnIds?.length === 1);
  assert.ok(existsSync(join(agent.workingDirectory, "allowed")));

  const since = agent.heard.length;
  const denied = await asksLeave(agent, "touch denied");
  await decide(agent, denied, { decision: "deny", comment: 'not "today"\nbut soon' });
  await agent.hears("settled", ({ resolvedRequestIds }) => resolvedRequestIds?.includes(denied), since);
  await agent.hears("the end", ({ endedTurnIds }) => endedTurnIds?.length === 1, since);
  assert.ok(!existsSync(join(agent.workingDirectory, "denied")));
  const results = model.requests.flatMap(({ messages }) => messages.filter(({ role }) => role === "tool"));
  assert.ok(
    results.some(({ texts }) => texts.join().includes('not "today"\nbut soon')),
    JSON.stringify(results),
  );
});

test("claude: leave that a person gives or refuses in the dialog is heard at once", needsClaude, async (context) => {
  const { agent } = await startedClaude(context, asking);
  const allowed = await asksLeave(agent, "touch allowed; sleep 3; touch late");
  await answersDialog(agent, "Enter", () => isAsking(agent));
  const { report } = await agent.hears("settled", ({ resolvedRequestIds }) => resolvedRequestIds?.includes(allowed));
  assert.equal(report?.status, HeartbeatStatus.BUSY);
  assert.ok(!existsSync(join(agent.workingDirectory, "late")), "before the command ends");
  await agent.hears("the end", ({ endedTurnIds }) => endedTurnIds?.length === 1);

  const since = agent.heard.length;
  await asksLeave(agent, "touch denied");
  await answersDialog(agent, "3", () => isAsking(agent));
  const broken = await agent.hears("broken", ({ brokenTurns }) => brokenTurns?.[0]?.isInterrupted, since);
  assert.deepEqual(broken.report?.resolvedRequestIds, ["*"]);
  assert.ok(!existsSync(join(agent.workingDirectory, "denied")));
});
