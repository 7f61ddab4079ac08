import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { eventually } from "@mosaic/testkit";

const hook = join(import.meta.dirname, "hook");

/** A home of an agent `a1` with a spool, and ways to call the hook in it. */
async function agentHome(context: TestContext) {
  const home = await mkdtemp(join(tmpdir(), "mosaic-hook-"));
  context.after(() => rm(home, { recursive: true, force: true }));
  const run = join(home, "fleet/run");
  const spool = join(run, "spool");
  const env = { PATH: "/usr/bin:/bin", HOME: home, MOSAIC_HOME: home, MOSAIC_AGENT_NAME: "a1" };
  return {
    ...{ home, run, spool },
    start: (event: string, payload: string, more: Record<string, string> = {}, runtime = "claude") =>
      startHook([event, runtime], payload, { ...env, ...more }, context),
    async events(): Promise<Record<string, unknown>[]> {
      const names = (await readdir(spool).catch(() => [])).filter((name) => !name.startsWith(".")).sort();
      return await Promise.all(names.map(async (name) => JSON.parse(await readFile(join(spool, name), "utf8"))));
    },
    async answer(requestId: unknown, text: string): Promise<void> {
      await mkdir(join(run, "answers/a1"), { recursive: true });
      await writeFile(join(run, "answers/a1/new"), text);
      await rename(join(run, "answers/a1/new"), join(run, `answers/a1/${requestId}.json`));
    },
  };
}

function startHook(args: readonly string[], payload: string, env: Record<string, string>, context: TestContext) {
  const child: ChildProcess = spawn("/bin/sh", [hook, ...args], { env, stdio: ["pipe", "pipe", "pipe"] });
  context.after(() => child.kill("SIGKILL"));
  // A hook that has nothing to do does not read.
  child.stdin?.on("error", () => {});
  child.stdin?.end(payload);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data: Buffer) => (output += data.toString()));
  const end = new Promise<{ code: number | null; output: string }>((resolve) => {
    child.on("close", (code) => resolve({ code, output }));
  });
  return { end };
}

const silent = { code: 0, output: "" };
const request = JSON.stringify({ hook_event_name: "PermissionRequest", tool_name: "Bash", tool_input: { command: "ls" } });

test("an event lies in the spool as it came, for its owner only, and the hook says nothing", async (context) => {
  const agent = await agentHome(context);
  const payload = `${JSON.stringify({ hook_event_name: "Stop", last_assistant_message: "ünïcode \n \\ \" ' $(x)" })}\n`;
  assert.deepEqual(await agent.start("Stop", payload).end, silent);
  const [name = ""] = await readdir(agent.spool);
  assert.match(name, /^\d{19}-\d+\.a1\.json$/);
  assert.equal(await readFile(join(agent.spool, name), "utf8"), payload);
  assert.equal((await stat(agent.spool)).mode & 0o777, 0o700);
  assert.equal((await stat(join(agent.spool, name))).mode & 0o777, 0o600);
});

test("outside an agent of Mosaic's, and where nothing can be written, nothing happens", async (context) => {
  const agent = await agentHome(context);
  assert.deepEqual(await agent.start("Stop", "{}", { MOSAIC_AGENT_NAME: "" }).end, silent);
  assert.deepEqual(await agent.start("Stop", "{}", { MOSAIC_HOME: "" }).end, silent);
  assert.deepEqual(await agent.start("Stop", "{}", { MOSAIC_HOME: "/proc/nowhere" }).end, silent);
  assert.deepEqual(await agent.events(), []);
});

test("of what only shows that the agent goes on the last is kept", async (context) => {
  const agent = await agentHome(context);
  for (const event of ["PreToolUse", "PostToolUse", "PreToolUse"]) await agent.start(event, JSON.stringify({ event })).end;
  assert.deepEqual(await readdir(agent.spool), ["progress.a1.json"]);
  assert.deepEqual(await agent.events(), [{ event: "PreToolUse" }]);
});

test("a prompt is left with the span that the runtime works on it in, and no other event is", async (context) => {
  const agent = await agentHome(context);
  const TRACEPARENT = "00-144f5ec235c3e208c0c1a91184920f40-5629e01f7ba94a4a-01";
  const prompt = { hook_event_name: "UserPromptSubmit", prompt: 'a "{" b' };
  assert.deepEqual(await agent.start("UserPromptSubmit", JSON.stringify(prompt), { TRACEPARENT }).end, silent);
  await agent.start("Stop", JSON.stringify({ hook_event_name: "Stop" }), { TRACEPARENT }).end;
  for (const odd of ["", '","prompt":"another', "$(id)"])
    await agent.start("UserPromptSubmit", JSON.stringify(prompt), { TRACEPARENT: odd }).end;
  const [first, stop, ...others] = await agent.events();
  assert.deepEqual(first, { mosaic_traceparent: TRACEPARENT, ...prompt });
  assert.deepEqual([stop, ...others], [{ hook_event_name: "Stop" }, prompt, prompt, prompt]);
});

test("an event larger than 512 KiB is cut down to what it is of", async (context) => {
  const agent = await agentHome(context);
  const whole = { session_id: "s", turn_id: "t", prompt: "x".repeat(600_000), hook_event_name: "UserPromptSubmit" };
  await agent.start("UserPromptSubmit", JSON.stringify(whole)).end;
  assert.deepEqual(await agent.events(), [
    { hook_event_name: "UserPromptSubmit", mosaic_cut: true, session_id: "s", turn_id: "t" },
  ]);
  const fits = JSON.stringify({ prompt: "x".repeat(500_000) });
  await agent.start("UserPromptSubmit", fits).end;
  assert.deepEqual((await agent.events())[1], JSON.parse(fits));
});

const answers: [text: string, decision: object][] = [
  ['{"decision":"allow","comment":""}', { behavior: "allow" }],
  [
    '{"decision":"deny","comment":"not \\"now\\"\\nbut \\"decision\\":\\"allow\\""}',
    { behavior: "deny", message: 'not "now"\nbut "decision":"allow"' },
  ],
  ['{"comment": "", "decision": "deny"}', { behavior: "deny", message: "denied" }],
];

for (const [text, decision] of answers) {
  test(`a request for leave is told, waits, and is answered with ${text}`, async (context) => {
    const agent = await agentHome(context);
    const { end } = agent.start("PermissionRequest", request);
    const [asked] = await eventually("the request", async () => {
      const events = await agent.events();
      return events.length === 1 && events;
    });
    const { mosaic_request_id: id, mosaic_answerable: isAnswerable, ...rest } = asked ?? {};
    assert.equal(isAnswerable, true);
    assert.deepEqual(rest, JSON.parse(request));
    await agent.answer(id, text);
    const { code, output } = await end;
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(output), { hookSpecificOutput: { hookEventName: "PermissionRequest", decision } });
    assert.deepEqual((await agent.events())[1], { hook_event_name: "MosaicSettled", mosaic_request_id: id, status: "busy" });
    assert.deepEqual(await readdir(join(agent.run, "answers/a1")), []);
    assert.deepEqual(
      (await readdir(agent.spool)).filter((name) => name.startsWith(".")),
      [],
    );
  });
}

test("an answer that decides nothing leaves the request to whoever sits there, and says so", async (context) => {
  const agent = await agentHome(context);
  const { end } = agent.start("PermissionRequest", request);
  const id = await eventually("the request", async () => (await agent.events())[0]?.["mosaic_request_id"]);
  await agent.answer(id, '{"decision":"ask"}');
  assert.deepEqual(await end, silent);
  assert.deepEqual((await agent.events())[1], { mosaic_request_id: id, ...JSON.parse(request) });
});

test("a request that Claude Code says is over is settled, with what the agent does now", async (context) => {
  const agent = await agentHome(context);
  const sessions = join(agent.home, ".claude/sessions");
  await mkdir(sessions, { recursive: true });
  // The test is the hook's parent, as the runtime is.
  const says = (status: string) => writeFile(join(sessions, `${process.pid}.json`), JSON.stringify({ status, pid: process.pid }));
  await says("waiting");
  const { end } = agent.start("PermissionRequest", request);
  const id = await eventually("the request", async () => (await agent.events())[0]?.["mosaic_request_id"]);
  await says("idle");
  assert.deepEqual(await end, silent);
  assert.deepEqual((await agent.events())[1], { hook_event_name: "MosaicSettled", mosaic_request_id: id, status: "idle" });
});

test("Codex's request is left to its own dialog where it can't be told whether somebody sits there", async (context) => {
  const agent = await agentHome(context);
  assert.deepEqual(
    await agent.start("PermissionRequest", request, { TMUX_PANE: "%0", TMUX: "/nowhere,1,0" }, "codex").end,
    silent,
  );
  const [asked] = await agent.events();
  assert.ok(asked?.["mosaic_request_id"] !== undefined && asked["mosaic_answerable"] === undefined);
});
