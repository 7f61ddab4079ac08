import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Evidence, HeartbeatStatus } from "@mosaic/core";
import { runtimeNamed } from "@mosaic/runtimes";
import { eventually } from "@mosaic/testkit";
import { claudeHome, claudeHomeWith } from "./claude-home.ts";
import { findAgents } from "./install-agents.ts";
import { type ModelServer, startModelServer } from "./model/server.ts";
import { type AgentHome, type RealAgent, startRealAgent } from "./real-agent.ts";
import type { Heard } from "./spool-reader.ts";

const adapter = runtimeNamed("claude");
const agents = await findAgents();
const options = { skip: "missing" in agents ? agents.missing : false, timeout: 300_000 };

/** A model, and a Claude Code that speaks to it and is ready; both end with the test. */
async function started(context: TestContext, home: AgentHome = claudeHome): Promise<{ model: ModelServer; claude: RealAgent }> {
  const model = await startModelServer();
  context.after(() => model[Symbol.asyncDispose]());
  const claude = await startRealAgent({ adapter, home, bin: "bin" in agents ? agents.bin : "", model });
  context.after(() => claude[Symbol.asyncDispose]());
  await claude.hears("its hook when it starts", ({ status }) => status === HeartbeatStatus.READY);
  await claude.ready();
  return { model, claude };
}

async function accepts(claude: RealAgent, text: string, since: number, evidence: Evidence = Evidence.HOOK): Promise<Heard> {
  return await claude.hears(
    `it took ${JSON.stringify(text)}`,
    ({ accepted }) => accepted?.some((prompt) => prompt.text === text && prompt.evidence === evidence),
    since,
  );
}

async function answers(claude: RealAgent, turnId: string | undefined): Promise<Heard> {
  assert.ok(turnId);
  return await claude.hears(`the end of turn ${turnId}`, ({ endedTurnIds }) => endedTurnIds?.includes(turnId));
}

test(
  "claude: what is typed is accepted to the letter, answered under the same turn, and its session is named",
  options,
  async (context) => {
    const { model, claude } = await started(context);
    for (const text of ["hello", "two lines\nand ünïcode ✓ 🦊", `${"long ".repeat(2_000)}end`]) {
      const since = claude.heard.length;
      await claude.type(text);
      const { report } = await accepts(claude, text, since);
      assert.equal(report?.status, HeartbeatStatus.BUSY);
      assert.ok(report?.sessionId && report.transcriptPath?.includes(report.sessionId));
      const end = await answers(claude, report?.turnId);
      assert.equal(end.report?.status, HeartbeatStatus.IDLE);
      assert.equal(model.timesReceived(text), 1);
    }
  },
);

test("claude: the hooks of the user run beside ours, and no file of the user's is changed", options, async (context) => {
  const hook = { type: "command", command: "touch $HOME/user-hook-ran" };
  const settings = { hooks: { Stop: [{ hooks: [hook] }] } };
  const { claude } = await started(context, claudeHomeWith(settings));
  await claude.type("hello");
  await claude.hears("the end of the turn", ({ endedTurnIds }) => endedTurnIds?.length === 1);
  assert.ok(existsSync(join(claude.homeFolder, "user-hook-ran")));
  const after = JSON.parse(await readFile(join(claude.homeFolder, ".claude/settings.json"), "utf8")) as { hooks: unknown };
  assert.deepEqual(after.hooks, settings.hooks);
});

test(
  "claude: a text typed during a tool call is accepted at once by its transcript, and joins the open turn",
  options,
  async (context) => {
    const { model, claude } = await started(context);
    await claude.type("RUN=sleep 4");
    const turn = await accepts(claude, "RUN=sleep 4", 0);
    await eventually("the tool runs", async () => (await claude.screen()).lines.some((line) => line.includes("Running")));
    const since = claude.heard.length;
    await claude.type("typed meanwhile");
    const queued = await accepts(claude, "typed meanwhile", since, Evidence.TRANSCRIPT);
    assert.equal(queued.report?.accepted?.[0]?.turnId, "");
    await claude.hears("it joined", ({ accepted }) =>
      accepted?.some((one) => one.text === "typed meanwhile" && one.joinsOpenTurn),
    );
    await answers(claude, turn.report?.turnId);
    assert.equal(model.timesReceived("typed meanwhile"), 1);
  },
);

test("claude: texts typed while the model speaks are queued, and end with the turn they are given", options, async (context) => {
  const { model, claude } = await started(context);
  await claude.type("SLOW=4000 first");
  await accepts(claude, "SLOW=4000 first", 0);
  for (const text of ["second", "third"]) {
    await claude.type(text);
    await accepts(claude, text, 0, Evidence.TRANSCRIPT);
  }
  const turnOf = async (text: string) => {
    const isIt = (one: { text: string; turnId: string; evidence: Evidence }) =>
      one.text === text && one.turnId !== "" && one.evidence === Evidence.TRANSCRIPT;
    const found = await claude.hears(`the turn of ${text}`, ({ accepted }) => accepted?.some(isIt));
    return found.report?.accepted?.[0]?.turnId;
  };
  for (const text of ["second", "third"]) {
    await answers(claude, await turnOf(text));
    assert.equal(model.timesReceived(text), 1);
  }
});

test("claude: Escape after the model spoke breaks the turn as interrupted", options, async (context) => {
  const { claude } = await started(context);
  await claude.type("RUN=sleep 60");
  const { report } = await accepts(claude, "RUN=sleep 60", 0);
  await eventually("the tool runs", async () => (await claude.screen()).lines.some((line) => line.includes("Running")));
  await claude.press("Escape");
  const broken = await claude.hears("the broken turn", ({ brokenTurns }) => brokenTurns?.length === 1);
  assert.deepEqual(broken.report?.brokenTurns?.[0], {
    turnId: report?.turnId,
    isInterrupted: true,
    detail: "interrupted in its terminal",
  });
  assert.equal(broken.report?.status, HeartbeatStatus.IDLE);
});

test(
  "claude: Escape before the model spoke shows in its state file, and puts the text back as a draft",
  options,
  async (context) => {
    const { claude } = await started(context);
    await claude.type("HANG");
    await accepts(claude, "HANG", 0);
    const state = async () => {
      const path = adapter.stateFile?.(claude.homeFolder, (await claude.pane()).pid) ?? "";
      return adapter.hearState?.(await readFile(path, "utf8"))?.status;
    };
    await eventually("busy", async () => (await state()) === HeartbeatStatus.BUSY);
    await claude.press("Escape");
    await eventually("idle", async () => (await state()) === HeartbeatStatus.IDLE);
    await eventually("the draft", async () => adapter.draftOn?.((await claude.screen()).lines) === "HANG");
    await claude.press("C-c");
    await eventually("no draft", async () => adapter.draftOn?.((await claude.screen()).lines) === undefined);
  },
);

test("claude: an error of the model fails the turn with its reason", options, async (context) => {
  const { claude } = await started(context);
  for (const [status, reason] of [
    [401, "auth"],
    [429, "rate_limit"],
  ] as const) {
    const text = `FAIL=${status}`;
    await claude.type(text);
    const { report } = await accepts(claude, text, 0);
    const failed = await claude.hears(`failed with ${reason}`, ({ detail }) => detail === reason);
    assert.equal(failed.report?.status, HeartbeatStatus.FAILED);
    assert.deepEqual(failed.report?.brokenTurns, [{ turnId: report?.turnId, isInterrupted: false, detail: reason }]);
    await claude.ready();
  }
});

test("claude: started again by its session's id it has the old conversation", options, async (context) => {
  const { model, claude } = await started(context);
  await claude.type("the word is walnut");
  const { report } = await accepts(claude, "the word is walnut", 0);
  await answers(claude, report?.turnId);
  const since = claude.heard.length;
  await claude.killAndResume(report?.sessionId ?? "");
  const start = await claude.hears("its start", ({ status }) => status === HeartbeatStatus.READY, since);
  assert.equal(start.report?.sessionId, report?.sessionId);
  await claude.ready();
  await claude.type("which word?");
  await accepts(claude, "which word?", since);
  await eventually("the request", () => model.requests.at(-1)?.userTexts.includes("which word?"));
  const last = model.requests.findLast(({ userTexts }) => userTexts.includes("which word?"));
  assert.ok(last?.userTexts.includes("the word is walnut"), JSON.stringify(last?.userTexts));
});

const asking = claudeHomeWith({});

async function asks(claude: RealAgent, command: string) {
  const since = claude.heard.length;
  await claude.type(`RUN=${command}`);
  const heard = await claude.hears("it asks leave", ({ asked }) => asked?.length === 1, since);
  assert.equal(heard.report?.status, HeartbeatStatus.WAITING);
  assert.equal(heard.report?.waitingFor, "permission");
  const [asked] = heard.report?.asked ?? [];
  assert.deepEqual({ ...asked, requestId: "" }, { requestId: "", tool: "Bash", summary: command, answerable: true });
  await eventually("its dialog", async () => adapter.blockedBy?.(await claude.screen()) === "permission dialog");
  return asked?.requestId ?? "";
}

async function decide(claude: RealAgent, requestId: string, answer: object): Promise<void> {
  const folder = join(claude.mosaicHome, "fleet/run/answers", claude.name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${requestId}.json`), JSON.stringify(answer));
}

const settled = (id: string) => (report: { resolvedRequestIds?: readonly string[] | undefined }) =>
  report.resolvedRequestIds?.includes(id);

test("claude: leave is given and refused by machine while its dialog is open", options, async (context) => {
  const { model, claude } = await started(context, asking);
  const allowed = await asks(claude, "touch allowed");
  await decide(claude, allowed, { decision: "allow", comment: "" });
  await claude.hears("settled", settled(allowed));
  await claude.hears("the end", ({ endedTurnIds }) => endedTurnIds?.length === 1);
  assert.ok(existsSync(join(claude.workingDirectory, "allowed")));

  const since = claude.heard.length;
  const denied = await asks(claude, "touch denied");
  await decide(claude, denied, { decision: "deny", comment: 'not "today"\nbut soon' });
  await claude.hears("settled", settled(denied), since);
  await claude.hears("the end", ({ endedTurnIds }) => endedTurnIds?.length === 1, since);
  assert.ok(!existsSync(join(claude.workingDirectory, "denied")));
  const results = model.requests.flatMap(({ messages }) => messages.filter(({ role }) => role === "tool"));
  assert.ok(
    results.some(({ texts }) => texts.join().includes('not "today"\nbut soon')),
    JSON.stringify(results),
  );
});

test("claude: leave that a person gives or refuses in the dialog is heard too", options, async (context) => {
  const { claude } = await started(context, asking);
  const allowed = await asks(claude, "touch allowed; sleep 2; touch late");
  await claude.press("Enter");
  const heard = await claude.hears("settled", settled(allowed));
  assert.equal(heard.report?.status, HeartbeatStatus.BUSY);
  assert.ok(!existsSync(join(claude.workingDirectory, "late")), "heard before the command ends");
  await claude.hears("the end", ({ endedTurnIds }) => endedTurnIds?.length === 1);

  const since = claude.heard.length;
  const denied = await asks(claude, "touch denied");
  await claude.press("3");
  await claude.hears("settled", settled(denied), since);
  await claude.hears("the broken turn", ({ brokenTurns }) => brokenTurns?.[0]?.isInterrupted, since);
  assert.ok(!existsSync(join(claude.workingDirectory, "denied")));
});
