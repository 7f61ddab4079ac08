import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { HeartbeatStatus } from "@mosaic/core";
import { procfsTable } from "@mosaic/host";
import { recogniseRuntime, runtimeNamed } from "@mosaic/runtimes";
import { eventually } from "@mosaic/testkit";
import { TestTerminal } from "../mesh/test-terminal.ts";
import { codexHome, codexHomeWith } from "./codex-home.ts";
import { findAgents } from "./install-agents.ts";
import { answersDialog, decide } from "./leave-answers.ts";
import { startModelServer } from "./model/server.ts";
import { type AgentHome, type RealAgent, startRealAgent } from "./real-agent.ts";
import { accepts, answers, asks, sessionOf, TEXTS } from "./real-agent-cases.ts";

const adapter = runtimeNamed("codex");
const agents = await findAgents();
const options = { skip: "missing" in agents ? agents.missing : false, timeout: 300_000 };
const free = { approvalPolicy: "never", sandboxMode: "danger-full-access" };
const asking = codexHomeWith({ approvalPolicy: "on-request", sandboxMode: "read-only" });

async function started(context: TestContext, home: AgentHome = codexHome) {
  const model = await startModelServer();
  context.after(() => model[Symbol.asyncDispose]());
  const codex = await startRealAgent({ adapter, home, bin: "bin" in agents ? agents.bin : "", model });
  context.after(() => codex[Symbol.asyncDispose]());
  await codex.ready();
  return { model, codex };
}

async function isBlocked(codex: RealAgent, why: string): Promise<boolean> {
  return adapter.blockedBy?.(await codex.screen()) === why;
}

async function shows(codex: RealAgent, what: string | RegExp): Promise<void> {
  const isThere = async () => (await codex.screen()).lines.join("\n").match(what) !== null;
  await eventually(`${what} on the screen`, isThere, 20_000).catch(async (error: Error) => {
    throw new Error(`${error.message}\n${(await codex.screen()).lines.join("\n")}`);
  });
}

test("codex: what is typed is accepted to the letter, answered once, and received once", options, async (context) => {
  const { model, codex } = await started(context);
  for (const text of TEXTS) await asks(codex, model, text);
  assert.ok(sessionOf(codex) !== "");
  const process = procfsTable().read((await codex.pane()).pid);
  assert.ok(process !== undefined && recogniseRuntime(process, []) === "codex");
  // Where it looks for a tip of the day.
  assert.deepEqual(new Set(model.outsideAttempts), new Set(["raw.githubusercontent.com:443"]));
});

test(
  "codex: a text typed while the model speaks joins the turn, one typed while a tool runs does at its end",
  options,
  async (context) => {
    const { model, codex } = await started(context);
    await codex.type("SLOW=4000 first");
    const first = await accepts(codex, "SLOW=4000 first");
    await codex.type("second");
    assert.equal(await accepts(codex, "second"), first);
    await answers(codex, first);
    const since = codex.heard.length;
    await codex.type("RUN=sleep 3");
    const third = await accepts(codex, "RUN=sleep 3", since);
    await codex.hears("the tool runs", ({ isProgress }) => isProgress, since);
    await codex.type("typed meanwhile");
    assert.equal(await accepts(codex, "typed meanwhile", since), third);
    await answers(codex, third);
    for (const text of ["second", "typed meanwhile"]) assert.equal(model.timesReceived(text), 1);
  },
);

test("codex: Escape breaks the turn as interrupted, and leaves the composer empty", options, async (context) => {
  const { model, codex } = await started(context);
  await codex.type("HANG");
  const turnId = await accepts(codex, "HANG");
  await codex.press("Escape");
  const { report } = await codex.hears("broken", ({ brokenTurns }) => brokenTurns?.[0]?.turnId === turnId);
  assert.equal(report?.brokenTurns?.[0]?.isInterrupted, true);
  assert.equal(report?.status, HeartbeatStatus.IDLE);
  await codex.ready();
  assert.equal(adapter.draftOn?.((await codex.screen()).lines), undefined);
  await asks(codex, model, "and on");
});

test("codex: an error of the model fails the turn with its reason, by the conversation file", options, async (context) => {
  const { codex } = await started(context);
  for (const [status, reason] of [
    [401, "auth"],
    [429, "rate_limit"],
    [400, "error"],
  ] as const) {
    const since = codex.heard.length;
    await codex.type(`FAIL=${status}`);
    const turnId = await accepts(codex, `FAIL=${status}`, since);
    const failed = await codex.hears(`failed with ${reason}`, (report) => report.status === HeartbeatStatus.FAILED, since);
    assert.equal(failed.report?.detail, reason);
    const [broken] = failed.report?.brokenTurns ?? [];
    assert.deepEqual([broken?.turnId, broken?.isInterrupted], [turnId, false]);
    assert.ok(broken?.detail.startsWith(`${reason}: `), broken?.detail);
  }
});

test("codex: started again by its session's id it has the old conversation", options, async (context) => {
  const { model, codex } = await started(context);
  await asks(codex, model, "the word is walnut");
  const session = sessionOf(codex);
  await codex.killAndResume(session);
  await codex.ready();
  await asks(codex, model, "which word?");
  assert.equal(sessionOf(codex), session);
  const last = model.requests.findLast(({ userTexts }) => userTexts.includes("which word?"));
  assert.ok(last?.userTexts.includes("the word is walnut"), JSON.stringify(last?.userTexts));
});

test("codex: a hook of the user's that nobody trusts is asked about, and ours run where it isn't", options, async (context) => {
  const more = '[[hooks.Stop]]\nhooks = [{ type = "command", command = "touch $HOME/hook-ran", timeout = 5 }]\n';
  const model = await startModelServer();
  context.after(() => model[Symbol.asyncDispose]());
  const home = codexHomeWith({ ...free, more });
  const codex = await startRealAgent({ adapter, home, bin: "bin" in agents ? agents.bin : "", model });
  context.after(() => codex[Symbol.asyncDispose]());
  await eventually(
    "the question",
    async () => adapter.blockedBy?.(await codex.screen()) === "asks whether to trust hooks",
    30_000,
  );
  await shows(codex, "1 hook is new or changed");
  await answersDialog(codex, "Escape", () => isBlocked(codex, "asks whether to trust hooks"));
  await codex.ready();
  await asks(codex, model, "hello");
  assert.ok(!existsSync(join(codex.homeFolder, "hook-ran")));
  const config = await readFile(join(codex.homeFolder, ".codex/config.toml"), "utf8");
  assert.ok(config.includes(more) && !config.includes("trusted_hash"), config);
});

/** Has a command asked leave for; with nobody before the terminal the hook waits for the answer. */
async function asksLeave(codex: RealAgent, command: string): Promise<{ id: string; turnId: string }> {
  const since = codex.heard.length;
  const text = `RUN=${command} # with leave`;
  await codex.type(text);
  const turnId = await accepts(codex, text, since);
  const { report } = await codex.hears("it asks leave", ({ asked }) => asked?.length === 1, since);
  assert.deepEqual([report?.status, report?.waitingFor], [HeartbeatStatus.WAITING, "permission"]);
  const [asked] = report?.asked ?? [];
  const summary = text.slice("RUN=".length);
  assert.deepEqual({ ...asked, requestId: "" }, { requestId: "", tool: "Bash", summary, answerable: true });
  return { id: asked?.requestId ?? "", turnId };
}

test("codex: leave is given and refused by machine while nobody sees its terminal", options, async (context) => {
  const { model, codex } = await started(context, asking);
  const allowed = await asksLeave(codex, "touch allowed");
  await decide(codex, allowed.id, { decision: "allow", comment: "" });
  await codex.hears("settled", ({ resolvedRequestIds }) => resolvedRequestIds?.includes(allowed.id));
  await answers(codex, allowed.turnId);
  assert.ok(existsSync(join(codex.workingDirectory, "allowed")));

  const denied = await asksLeave(codex, "touch denied");
  await decide(codex, denied.id, { decision: "deny", comment: 'not "today"\nbut soon' });
  await codex.hears("settled", ({ resolvedRequestIds }) => resolvedRequestIds?.includes(denied.id));
  await answers(codex, denied.turnId);
  assert.ok(!existsSync(join(codex.workingDirectory, "denied")));
  const results = model.requests.flatMap(({ messages }) => messages.filter(({ role }) => role === "tool"));
  assert.ok(
    results.some(({ texts }) => /not .*today/.test(texts.join())),
    JSON.stringify(results),
  );
});

test(
  "codex: somebody who attaches to its terminal gets its own dialog, and the request can't be answered by machine then",
  options,
  async (context) => {
    const { codex } = await started(context, asking);
    const asked = await asksLeave(codex, "touch allowed");
    const terminal = new TestTerminal();
    context.after(() => terminal[Symbol.asyncDispose]());
    const attach = ["env", "-u", "TMUX", "tmux", "-u", "-L", codex.socketName, "attach", "-t", `=${codex.name}`] as const;
    await terminal.open(attach, { env: { PATH: "/usr/bin:/bin", LANG: "C.UTF-8" }, columns: 120, rows: 40 });
    const again = await codex.hears("left to them", (report) =>
      report.asked?.some((one) => one.requestId === asked.id && !one.answerable),
    );
    assert.equal(again.report?.status, HeartbeatStatus.WAITING);
    await eventually("its dialog", () => isBlocked(codex, "permission dialog"));
    await answersDialog(codex, "y", () => isBlocked(codex, "permission dialog"));
    await answers(codex, asked.turnId);
    assert.ok(existsSync(join(codex.workingDirectory, "allowed")));
  },
);
