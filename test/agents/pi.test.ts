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
import { piHome } from "./pi-home.ts";
import { type AgentHome, startRealAgent } from "./real-agent.ts";
import { accepts, answers, asks, sessionOf, TEXTS } from "./real-agent-cases.ts";

const adapter = runtimeNamed("pi");
const agents = await findAgents();
const options = { skip: "missing" in agents ? agents.missing : false, timeout: 300_000 };

async function started(context: TestContext, home: AgentHome = piHome) {
  const model = await startModelServer();
  context.after(() => model[Symbol.asyncDispose]());
  const pi = await startRealAgent({ adapter, home, bin: "bin" in agents ? agents.bin : "", model });
  context.after(() => pi[Symbol.asyncDispose]());
  await pi.hears("its start", ({ status }) => status === HeartbeatStatus.READY);
  await pi.ready();
  return { model, pi };
}

test("pi: what is typed is accepted to the letter, answered once, and received once", options, async (context) => {
  const { model, pi } = await started(context);
  await writeFile(join(pi.workingDirectory, "src.txt"), "");
  for (const text of TEXTS) await asks(pi, model, text);
  assert.deepEqual(await readdir(pi.workingDirectory), ["src.txt"]);
  assert.deepEqual(model.outsideAttempts, []);
});

test("pi: a text typed while it works is accepted at once, and ends with the run", options, async (context) => {
  const { model, pi } = await started(context);
  await pi.type("SLOW=3000 first");
  const first = await accepts(pi, "SLOW=3000 first");
  await pi.type("second");
  const second = await accepts(pi, "second");
  assert.ok(!pi.heard.some(({ report }) => report?.endedTurnIds?.includes(first)));
  await answers(pi, first);
  await answers(pi, second);
  assert.equal(model.timesReceived("second"), 1);
});

test("pi: an interrupt breaks the turn, and gives back what was queued as a draft", options, async (context) => {
  const { model, pi } = await started(context);
  await pi.type("HANG");
  const hanging = await accepts(pi, "HANG");
  await pi.type("queued");
  const queued = await accepts(pi, "queued");
  await pi.press("Escape");
  const isBroken = (id: string) => pi.hears(`broken ${id}`, (report) => report.brokenTurns?.some((turn) => turn.turnId === id));
  for (const id of [hanging, queued]) assert.ok((await isBroken(id)).report?.brokenTurns?.[0]?.isInterrupted);
  await pi.hears("idle", ({ status }) => status === HeartbeatStatus.IDLE);
  await eventually("the draft", async () => adapter.draftOn?.((await pi.screen()).lines) === "queued");
  await pi.press("C-c");
  await eventually("no draft", async () => adapter.draftOn?.((await pi.screen()).lines) === undefined);
  await asks(pi, model, "and on");
});

test(
  "pi: an error of the model fails the turn with its reason, and one that it tries again does not",
  options,
  async (context) => {
    const { pi } = await started(context);
    await pi.type("FAIL=401");
    const turnId = await accepts(pi, "FAIL=401");
    const failed = await pi.hears("failed", ({ status }) => status === HeartbeatStatus.FAILED);
    assert.equal(failed.report?.detail, "auth");
    const broken = await pi.hears("broken", ({ brokenTurns }) => brokenTurns?.length === 1);
    assert.equal(broken.report?.brokenTurns?.[0]?.turnId, turnId);
    assert.match(broken.report?.brokenTurns?.[0]?.detail ?? "", /^auth: 401/);

    const since = pi.heard.length;
    await pi.type("FAIL=429");
    const limited = await accepts(pi, "FAIL=429", since);
    const again = await pi.hears("rate limited", ({ detail }) => detail === "rate_limit", since);
    await pi.hears("busy again", ({ status }) => status === HeartbeatStatus.BUSY, pi.heard.indexOf(again));
    assert.ok(!pi.heard.some(({ report }) => report?.brokenTurns?.some((turn) => turn.turnId === limited)));
  },
);

test("pi: a command of the model's is run, and shows as progress", options, async (context) => {
  const { model, pi } = await started(context);
  const since = pi.heard.length;
  await asks(pi, model, "RUN=echo made > by-tool");
  await pi.hears("progress", ({ isProgress }) => isProgress, since);
  assert.ok((await readdir(pi.workingDirectory)).includes("by-tool"));
});

test("pi: killed and resumed by its session's id it has its old conversation", options, async (context) => {
  const { model, pi } = await started(context);
  await asks(pi, model, "the word is walnut");
  const [session, since] = [sessionOf(pi), pi.heard.length];
  await pi.killAndResume(session);
  await pi.hears("its start", ({ status }) => status === HeartbeatStatus.READY, since);
  assert.equal(sessionOf(pi), session);
  await pi.ready();
  await asks(pi, model, "which word?");
  assert.deepEqual(model.requests.at(-1)?.userTexts, ["the word is walnut", "which word?"]);
});

test(
  "pi: a list in place of the composer blocks, the user's own extension runs, and the process is known",
  options,
  async (context) => {
    const own = `import { writeFileSync } from "node:fs"; export default (pi) => pi.on("input", () => writeFileSync("own", ""));`;
    const { model, pi } = await started(context, {
      async prepare(home, ...more) {
        await mkdir(join(home, ".pi/agent/extensions"), { recursive: true });
        await writeFile(join(home, ".pi/agent/extensions/own.ts"), own);
        return await piHome.prepare(home, ...more);
      },
    });
    await pi.type("/model");
    const blocked = async () => adapter.blockedBy?.(await pi.screen());
    await eventually("the list of models", async () => /^a list or a dialog/.test((await blocked()) ?? ""));
    assert.equal(adapter.draftOn?.((await pi.screen()).lines), undefined);
    await pi.press("Escape");
    await eventually("the composer", async () => (await blocked()) === undefined);
    await asks(pi, model, "hello");
    assert.ok((await readdir(pi.workingDirectory)).includes("own"));
    assert.deepEqual(await readdir(join(pi.homeFolder, ".pi/agent/extensions")), ["own.ts"]);
    const table = procfsTable();
    const process = table.read((await pi.pane()).pid);
    assert.ok(process !== undefined && recogniseRuntime(process, []) === "pi");
  },
);
