import assert from "node:assert/strict";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { HeartbeatStatus } from "@mosaic/core";
import { procfsTable } from "@mosaic/host";
import { recogniseRuntime, runtimeNamed } from "@mosaic/runtimes";
import { eventually } from "@mosaic/testkit";
import { findAgents } from "./install-agents.ts";
import { startModelServer } from "./model/server.ts";
import { opencodeHome } from "./opencode-home.ts";
import { type AgentHome, type RealAgent, startRealAgent } from "./real-agent.ts";
import { accepts, answers, asks, sessionOf, TEXTS } from "./real-agent-cases.ts";

const adapter = runtimeNamed("opencode");
const agents = await findAgents();
/** It draws late on a busy machine. */
const PATIENCE_MS = 30_000;
const options = { skip: "missing" in agents ? agents.missing : false, timeout: 300_000 };

async function started(context: TestContext, home: AgentHome = opencodeHome) {
  const model = await startModelServer();
  context.after(() => model[Symbol.asyncDispose]());
  const opencode = await startRealAgent({ adapter, home, bin: "bin" in agents ? agents.bin : "", model });
  context.after(() => opencode[Symbol.asyncDispose]());
  await opencode.hears("its start", ({ status }) => status === HeartbeatStatus.READY);
  await opencode.ready();
  return { model, opencode };
}

const blocked = async (opencode: RealAgent) => adapter.blockedBy?.(await opencode.screen());

test("opencode: what is typed is accepted to the letter, answered once, and received once", options, async (context) => {
  const { model, opencode } = await started(context);
  await writeFile(join(opencode.workingDirectory, "src.txt"), "");
  for (const text of TEXTS) await asks(opencode, model, text);
  assert.deepEqual(await readdir(opencode.workingDirectory), ["src.txt"]);
  assert.deepEqual(model.outsideAttempts, []);
  assert.match(sessionOf(opencode), /^ses_/);
});

test("opencode: texts typed while it works are accepted at once, and end with the run", options, async (context) => {
  const { model, opencode } = await started(context);
  await asks(opencode, model, "warm up");
  await opencode.type("SLOW=4000 first");
  const turnIds = [await accepts(opencode, "SLOW=4000 first")];
  for (const text of ["second", "third"]) {
    await opencode.type(text);
    turnIds.push(await accepts(opencode, text));
  }
  for (const turnId of turnIds) await answers(opencode, turnId);
  for (const text of ["second", "third"]) assert.equal(model.timesReceived(text), 1);
});

// What docs/adr/0039 rests on.
test(
  "opencode: in a conversation a second Enter sends nothing twice, also to one that hung at the first",
  options,
  async (context) => {
    const { model, opencode } = await started(context);
    await asks(opencode, model, "warm up");
    const lines = async () => (await opencode.screen()).lines;
    await eventually("it shows an empty composer", async () => adapter.composerOn?.(await lines()) !== undefined, PATIENCE_MS);
    assert.equal(adapter.composerOn?.(await lines()), adapter.submit?.enterAgainIn);
    await opencode.type("entered twice");
    await opencode.press("Enter");
    await answers(opencode, await accepts(opencode, "entered twice"));
    await opencode.paste("while it hangs");
    await eventually("the text shows", async () => adapter.draftOn?.(await lines()) === "while it hangs", PATIENCE_MS);
    const { pid } = await opencode.pane();
    process.kill(pid, "SIGSTOP");
    for (const key of ["Enter", "Enter"]) await opencode.press(key);
    process.kill(pid, "SIGCONT");
    await answers(opencode, await accepts(opencode, "while it hangs"));
    await opencode.press("Enter");
    await asks(opencode, model, "and on");
    const received = model.requests.filter(({ isSideJob }) => !isSideJob).length;
    assert.deepEqual([received, model.timesReceived("entered twice"), model.timesReceived("while it hangs")], [4, 1, 1]);
  },
);

test("opencode: an interrupt breaks the turn, and is no failure", options, async (context) => {
  const { model, opencode } = await started(context);
  await asks(opencode, model, "warm up");
  await opencode.type("HANG");
  const turnId = await accepts(opencode, "HANG");
  const shows = async (words: RegExp) => words.test((await opencode.screen()).lines.join("\n"));
  await eventually("it works", () => shows(/esc interrupt/), PATIENCE_MS);
  await opencode.press("Escape");
  await eventually("it asks again", () => shows(/again to interrupt/), PATIENCE_MS);
  await opencode.press("Escape");
  const broken = await opencode.hears("broken", ({ brokenTurns }) => brokenTurns?.some((turn) => turn.turnId === turnId));
  assert.equal(broken.report?.status, HeartbeatStatus.IDLE);
  assert.ok(broken.report?.brokenTurns?.[0]?.isInterrupted);
  await asks(opencode, model, "and on");
});

test(
  "opencode: an error of the model fails the turn with its reason, and one that it tries again does not",
  options,
  async (context) => {
    const { opencode } = await started(context);
    await opencode.type("FAIL=401");
    const turnId = await accepts(opencode, "FAIL=401");
    const failed = await opencode.hears("failed", ({ status }) => status === HeartbeatStatus.FAILED);
    assert.equal(failed.report?.detail, "auth");
    assert.equal(failed.report?.brokenTurns?.[0]?.turnId, turnId);
    const since = opencode.heard.length;
    await opencode.type("FAIL=429");
    await accepts(opencode, "FAIL=429", since);
    const again = await opencode.hears("tries again", ({ detail }) => detail !== undefined, since);
    assert.equal(again.report?.status, HeartbeatStatus.BUSY);
    assert.match(again.report?.detail ?? "", /^tries again: /);
  },
);

test("opencode: killed and resumed by its session's id it has its old conversation", options, async (context) => {
  const { model, opencode } = await started(context);
  await asks(opencode, model, "the word is walnut");
  const [session, since] = [sessionOf(opencode), opencode.heard.length];
  await opencode.killAndResume(session);
  await opencode.hears("its start", ({ status }) => status === HeartbeatStatus.READY, since);
  await opencode.ready();
  await asks(opencode, model, "which word?");
  assert.equal(sessionOf(opencode), session);
  assert.deepEqual(model.requests.at(-1)?.userTexts, ["the word is walnut", "which word?"]);
});

/** Has it ask leave for a command, and waits until it waits. */
async function asksLeave(opencode: RealAgent, command: string): Promise<string> {
  const since = opencode.heard.length;
  await opencode.type(`RUN=${command}`);
  const { report } = await opencode.hears("it asks leave", ({ asked }) => asked?.length === 1, since);
  const [asked] = report?.asked ?? [];
  assert.deepEqual({ ...asked, requestId: "" }, { requestId: "", tool: "bash", summary: command, answerable: true });
  assert.deepEqual([report?.status, report?.waitingFor], [HeartbeatStatus.WAITING, "permission"]);
  await eventually("its dialog", async () => (await blocked(opencode)) === "it asks leave to use a tool", PATIENCE_MS);
  return asked?.requestId ?? "";
}

async function decide(opencode: RealAgent, requestId: string, answer: object): Promise<void> {
  const folder = join(opencode.mosaicHome, "fleet/run/answers", opencode.name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${requestId}.json`), JSON.stringify(answer));
  await opencode.hears("settled", ({ resolvedRequestIds }) => resolvedRequestIds?.includes(requestId));
}

test("opencode: leave is given and refused by machine, and heard when a person refuses it", options, async (context) => {
  const { model, opencode } = await started(context);
  await decide(opencode, await asksLeave(opencode, "echo x > allowed"), { decision: "allow", comment: "" });
  await opencode.hears("the end", ({ endedTurnIds }) => endedTurnIds?.length === 1);
  assert.ok((await readdir(opencode.workingDirectory)).includes("allowed"));

  const since = opencode.heard.length;
  await decide(opencode, await asksLeave(opencode, "echo x > denied"), { decision: "deny", comment: "rather not" });
  await opencode.hears("the end", ({ endedTurnIds }) => endedTurnIds?.length === 1, since);
  const results = model.requests.at(-1)?.messages.filter(({ role }) => role === "tool");
  assert.match(results?.at(-1)?.texts.join() ?? "", /rather not/);

  const before = opencode.heard.length;
  const requestId = await asksLeave(opencode, "echo x > refused");
  await opencode.press("Escape");
  await opencode.hears("settled", ({ resolvedRequestIds }) => resolvedRequestIds?.includes(requestId), before);
  await opencode.hears("the end", ({ status }) => status === HeartbeatStatus.IDLE, before);
  assert.deepEqual(await readdir(opencode.workingDirectory), ["allowed"]);
});

test(
  "opencode: drafts are seen, a list over the composer blocks, the user's own plugins run, and its process is known",
  options,
  async (context) => {
    const own = `import { writeFileSync } from "node:fs";
    export const Own = async () => ({ "chat.message": async () => writeFileSync("NAME", "") });`;
    const { model, opencode } = await started(context, {
      async prepare(home, ...more) {
        const env = await opencodeHome.prepare(home, ...more);
        await mkdir(join(home, ".config/opencode/plugins"), { recursive: true });
        await writeFile(join(home, ".config/opencode/plugins/own.js"), own.replace("NAME", "by-folder"));
        await writeFile(join(home, "listed.mjs"), own.replace("NAME", "by-list"));
        const listed = JSON.stringify({ plugin: [`file://${join(home, "listed.mjs")}`] });
        await writeFile(join(home, ".config/opencode/config.json"), listed);
        return env;
      },
    });
    const draft = async () => adapter.draftOn?.((await opencode.screen()).lines);
    assert.equal(await draft(), undefined);
    await opencode.paste("a draft\nof two lines");
    await eventually("the draft", async () => (await draft()) === "a draft\nof two lines", PATIENCE_MS);
    await opencode.press("C-c");
    await eventually("no draft", async () => (await draft()) === undefined, PATIENCE_MS);
    await opencode.press("C-p");
    await eventually("the list of commands", async () => (await blocked(opencode)) !== undefined, PATIENCE_MS);
    await opencode.press("Escape");
    await eventually("the composer", async () => (await blocked(opencode)) === undefined, PATIENCE_MS);
    await asks(opencode, model, "hello");
    assert.deepEqual((await readdir(opencode.workingDirectory)).sort(), ["by-folder", "by-list"]);
    const process = procfsTable().read((await opencode.pane()).pid);
    assert.ok(process !== undefined && recogniseRuntime(process, []) === "opencode");
  },
);
