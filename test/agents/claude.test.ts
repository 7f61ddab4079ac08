import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Evidence, HeartbeatStatus, type PromptTaken } from "@mosaic/core";
import { procfsTable } from "@mosaic/host";
import { recogniseRuntime } from "@mosaic/runtimes";
import { eventually } from "@mosaic/testkit";
import { claude, needsClaude, shows, startedClaude } from "./claude-agent.ts";
import { claudeHomeWith } from "./claude-home.ts";
import type { RealAgent } from "./real-agent.ts";
import { accepts, answers, asks, sessionOf, TEXTS } from "./real-agent-cases.ts";

/** Waits until its conversation file says that it took a text. @returns the turn's id */
async function tookByFile(agent: RealAgent, text: string, isWanted: (taken: PromptTaken) => unknown): Promise<string> {
  const isIt = (one: PromptTaken) => one.text === text && one.evidence === Evidence.TRANSCRIPT && isWanted(one);
  const { report } = await agent.hears(`took ${text} by its file`, ({ accepted }) => accepted?.some(isIt));
  return report?.accepted?.find(isIt)?.turnId ?? "";
}

test("claude: what is typed is accepted to the letter, answered once, and received once", needsClaude, async (context) => {
  const { model, agent } = await startedClaude(context);
  for (const text of TEXTS) await asks(agent, model, text);
  const process = procfsTable().read((await agent.pane()).pid);
  assert.ok(process !== undefined && recogniseRuntime(process, []) === "claude");
  assert.deepEqual(model.outsideAttempts, []);
});

test("claude: the hooks of the user run beside ours, and no setting of the user's is changed", needsClaude, async (context) => {
  const hook = { type: "command", command: "touch $HOME/user-hook-ran" };
  const settings = { hooks: { Stop: [{ hooks: [hook] }] } };
  const { model, agent } = await startedClaude(context, claudeHomeWith(settings));
  await asks(agent, model, "hello");
  await eventually("the user's hook", () => existsSync(join(agent.homeFolder, "user-hook-ran")));
  const after = JSON.parse(await readFile(join(agent.homeFolder, ".claude/settings.json"), "utf8")) as { hooks: unknown };
  assert.deepEqual(after.hooks, settings.hooks);
});

test(
  "claude: a text typed while a tool runs is accepted at once by its file, and joins the open turn",
  needsClaude,
  async (context) => {
    const { model, agent } = await startedClaude(context);
    await agent.type("RUN=sleep 4");
    const turnId = await accepts(agent, "RUN=sleep 4");
    await shows(agent, "Running");
    await agent.type("typed meanwhile");
    assert.equal(await tookByFile(agent, "typed meanwhile", () => true), "");
    assert.ok(!agent.heard.some(({ report }) => report?.endedTurnIds?.length));
    await tookByFile(agent, "typed meanwhile", ({ joinsOpenTurn }) => joinsOpenTurn);
    await answers(agent, turnId);
    assert.equal(model.timesReceived("typed meanwhile"), 1);
  },
);

test(
  "claude: texts typed while the model speaks wait, and end with the turn that they are given",
  needsClaude,
  async (context) => {
    const { model, agent } = await startedClaude(context);
    await agent.type("SLOW=4000 first");
    await accepts(agent, "SLOW=4000 first");
    for (const text of ["second", "third"]) {
      await agent.type(text);
      await tookByFile(agent, text, () => true);
    }
    for (const text of ["second", "third"]) {
      await answers(agent, await tookByFile(agent, text, ({ movesTurn }) => movesTurn));
      assert.equal(model.timesReceived(text), 1);
    }
  },
);

test("claude: Escape while a tool runs breaks the turn as interrupted", needsClaude, async (context) => {
  const { agent } = await startedClaude(context);
  await agent.type("RUN=sleep 60");
  const turnId = await accepts(agent, "RUN=sleep 60");
  await shows(agent, "Running");
  await agent.press("Escape");
  const { report } = await agent.hears("broken", ({ brokenTurns }) => brokenTurns?.[0]?.turnId === turnId);
  assert.equal(report?.brokenTurns?.[0]?.isInterrupted, true);
  assert.equal(report?.status, HeartbeatStatus.IDLE);
});

test(
  "claude: Escape before the model spoke shows in its state file, and gives the text back as a draft",
  needsClaude,
  async (context) => {
    const { agent } = await startedClaude(context);
    await agent.type("HANG");
    await accepts(agent, "HANG");
    const state = async () => {
      const path = claude.stateFile?.(agent.homeFolder, (await agent.pane()).pid) ?? "";
      return claude.hearState?.(await readFile(path, "utf8"))?.status;
    };
    const draft = async () => claude.draftOn?.((await agent.screen()).lines);
    await eventually("busy", async () => (await state()) === HeartbeatStatus.BUSY);
    await agent.press("Escape");
    await eventually("idle", async () => (await state()) === HeartbeatStatus.IDLE);
    await eventually("the draft", async () => (await draft()) === "HANG");
    await agent.press("C-c");
    await eventually("no draft", async () => (await draft()) === undefined);
  },
);

test("claude: an error of the model fails the turn with its reason", needsClaude, async (context) => {
  const { agent } = await startedClaude(context);
  const errors = { 401: "auth", 429: "rate_limit", 500: "server_error", 529: "overloaded" };
  for (const [status, reason] of Object.entries(errors)) {
    const since = agent.heard.length;
    await agent.type(`FAIL=${status}`);
    const turnId = await accepts(agent, `FAIL=${status}`, since);
    const { report } = await agent.hears("failed", (told) => told.status === HeartbeatStatus.FAILED, since);
    assert.equal(report?.detail, reason);
    const [broken] = report?.brokenTurns ?? [];
    assert.deepEqual([broken?.turnId, broken?.isInterrupted], [turnId, false]);
    assert.ok(broken?.detail.startsWith(`${reason}: `), broken?.detail);
    await agent.ready();
  }
});

test("claude: killed and resumed by its session's id it has its old conversation", needsClaude, async (context) => {
  const { model, agent } = await startedClaude(context);
  await asks(agent, model, "the word is walnut");
  const [session, since] = [sessionOf(agent), agent.heard.length];
  const file = agent.heard.find(({ report }) => report?.transcriptPath)?.report?.transcriptPath ?? "";
  // What was not written yet is lost with the process, and then the id means nothing.
  await eventually("its file", async () => (await readFile(file, "utf8").catch(() => "")).includes("walnut"));
  await agent.killAndResume(session);
  await agent.hears("its start", ({ status }) => status === HeartbeatStatus.READY, since);
  assert.equal(sessionOf(agent), session);
  await agent.ready();
  await asks(agent, model, "which word?");
  const last = model.requests.findLast(({ userTexts }) => userTexts.includes("which word?"));
  assert.ok(last?.userTexts.includes("the word is walnut"), JSON.stringify(last?.userTexts));
});
