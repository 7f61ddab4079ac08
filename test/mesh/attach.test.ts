/** An agent's terminal, taken over from elsewhere. */
import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { type DemoFleet, MOSAIC, startDemoFleet } from "./demo-fleet.ts";
import { rawCall } from "./raw-call.ts";
import { tellAll } from "./tell-all.ts";
import { screenOf, type TestScreen, TestTerminal, tmux } from "./test-terminal.ts";

const AGENT = "demo/alpha/coder0";
const SIZE = "#{window_width}x#{window_height}";
const SECRET = "the vault opens with swordfish";

interface AuditLine {
  readonly at: string;
  readonly action: string;
  readonly actor: string;
  readonly tenant_id: string;
  readonly host: string;
  readonly agent: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

interface Stage {
  readonly fleet: DemoFleet;
  readonly socketName: string;
  readonly terminal: TestTerminal;
  /** The agent's own screen. */
  readonly agent: TestScreen;
}

test(
  "people take an agent's terminal over",
  { timeout: 120_000 },
  tellAll(async (t) => {
    await using fleet = await startDemoFleet({ hosts: 1, agents: 2 });
    await using terminal = new TestTerminal();
    const socketName = await fleet.tmuxSocket("alpha");
    const agent = screenOf(socketName, "coder0");
    const stage = { fleet, socketName, terminal, agent };
    const sizeBefore = await agent.format(SIZE);
    const desk = await attach(stage, 130, 45, "desk:ada");

    await t.test("the agent's screen is shown, and where keys go and how to leave", async () => {
      await desk.shows(/ATTACHED: your keys go to demo\/alpha\/coder0 · Ctrl-\] leaves/);
      await desk.shows(/stub agent coder0/);
      assert.equal(await agent.format(SIZE), sizeBefore);
    });
    await t.test("what is typed is the agent's next prompt, through aggregator and node, and its answer is shown", () =>
      promptAndAnswer(desk),
    );
    await t.test("every key goes to the agent, Ctrl-C and Ctrl-] Ctrl-] too", () => allKeysGo(desk, agent));
    const second = await attach(stage, 60, 15, "desk:bob");
    await t.test("whoever comes second is told of the first, and may type as well", async () => {
      await second.shows(/ATTACHED/);
      await tmux(terminal.socketName, ["resize-window", "-t", "=screen2:", "-x", "140", "-y", "15"]);
      await second.shows(/also attached: desk:ada/);
      await second.type("from bob");
      for (const screen of [agent, desk]) await screen.shows(/> from bob/);
      await second.press("C-u");
      assert.equal(await agent.format(SIZE), sizeBefore);
    });
    await t.test("Ctrl-] leaves and gives the terminal back; the agent goes on, its window as before", async () => {
      await desk.press("C-]");
      assert.equal(await desk.ended(), "ended: code=0 signal=null modes=icanon,echo,isig");
      assert.equal(await desk.format("#{alternate_on} #{cursor_flag} #{wrap_flag}"), "0 1 1");
      assert.equal((await desk.lines())[0], "before the program");
      await desk.shows(/mosaic: left demo\/alpha\/coder0, which goes on/);
      assert.equal(await agent.format(SIZE), sizeBefore);
      assert.equal(await agent.format("#{pane_dead}"), "0");
    });
    await t.test("the audit log of the agent's host has both ends of the stay, and no word of what was typed", () =>
      onRecord(fleet),
    );
    await t.test("a reset starts a fresh conversation in that agent only, and is on record", () => resetOne(stage));
    await t.test("who is attached is told when the agent's session ends", async () => {
      await tmux(socketName, ["kill-session", "-t", "=coder0:"]);
      assert.equal(await second.ended(), "ended: code=0 signal=null modes=icanon,echo,isig");
      assert.match((await second.lines()).join("\n"), /mosaic: the terminal is gone: /);
    });
    await t.test("no stream is left on node and aggregator", () => noStreamLeft(fleet));
  }),
);

function attach({ fleet, terminal }: Stage, columns: number, rows: number, label: string): Promise<TestScreen> {
  return terminal.open([...MOSAIC, "agent", "attach", AGENT, "--source-label", label], { env: fleet.env, columns, rows });
}

async function promptAndAnswer(desk: TestScreen): Promise<void> {
  await desk.type(SECRET);
  await desk.shows(new RegExp(`> ${SECRET}`));
  await desk.press("Enter");
  await desk.shows(new RegExp(`you said: ${SECRET}`));
}

async function allKeysGo(desk: TestScreen, agent: TestScreen): Promise<void> {
  // The stub clears its composer at Ctrl-C, and takes no notice of Ctrl-].
  await desk.type("a draft");
  await agent.shows(/> a draft/);
  await desk.press("C-c");
  await desk.type("zoë 漢字 🎉");
  await agent.shows(/> zoë 漢字 🎉/);
  await desk.press("C-]", "C-]");
  await desk.type("!");
  await agent.shows(/> zoë 漢字 🎉!/);
  await desk.press("C-u");
}

async function auditLog(fleet: DemoFleet): Promise<readonly AuditLine[]> {
  const text = await readFile(auditPath(fleet), "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as AuditLine);
}

function auditPath(fleet: DemoFleet): string {
  return join(fleet.daemon("alpha").home, "fleet/audit.jsonl");
}

async function onRecord(fleet: DemoFleet): Promise<void> {
  const lines = await fleet.eventually("the end is on record", async () => {
    const all = await auditLog(fleet);
    return all.some((line) => line.action === "agent.detach") && all;
  });
  assert.deepEqual(
    lines.map(({ action, actor, tenant_id, host, agent }) => [action, actor, tenant_id, host, agent]),
    [
      ["agent.attach", "desk:ada", "demo", "alpha", "coder0"],
      ["agent.attach", "desk:bob", "demo", "alpha", "coder0"],
      ["agent.detach", "desk:ada", "demo", "alpha", "coder0"],
    ],
  );
  const [begin, , end] = lines;
  assert.equal(begin?.facts["attach_id"], end?.facts["attach_id"]);
  assert.ok(Number(end?.facts["bytes"]) > SECRET.length, JSON.stringify(end));
  assert.doesNotMatch(await readFile(auditPath(fleet), "utf8"), /swordfish|draft|bob"?}|zo/);
  assert.equal((await stat(auditPath(fleet))).mode & 0o777, 0o600);
}

async function resetOne({ fleet, agent, socketName }: Stage): Promise<void> {
  const lead = screenOf(socketName, "lead");
  await fleet.mosaic(["agent", "send", "demo/alpha/lead", "-m", "keep this", "--wait", "answered"]);
  const refused = await fleet.mosaic(["agent", "reset", AGENT]);
  assert.equal(refused.exitCode, 2, refused.stderr);
  await agent.shows(/you said/);
  const end = await fleet.mosaic(["agent", "reset", AGENT, "--new", "--id", "r-1", "--source-label", "desk:ada", "--json"]);
  const answer = JSON.parse(end.stdout);
  assert.deepEqual([end.exitCode, answer.command, answer.receipt.state], [0, "/clear", "ENTERED"], end.stderr);
  await fleet.eventually("the conversation is gone", async () => !/you said/.test((await agent.lines()).join("\n")));
  await lead.shows(/you said: keep this/);
  const last = (await auditLog(fleet)).at(-1);
  assert.deepEqual([last?.action, last?.actor, last?.agent], ["agent.reset", "desk:ada", "coder0"]);
  assert.deepEqual(last?.facts, { message_id: "r-1", command: "/clear" });
}

async function noStreamLeft(fleet: DemoFleet): Promise<void> {
  for (const socketPath of [
    join(fleet.directory, "fleet/run/aggregator.sock"),
    join(fleet.daemon("alpha").home, "fleet/run/node.sock"),
  ]) {
    await fleet.eventually("the takeovers' streams end", async () => {
      const { liveStreams = {} } = JSON.parse((await rawCall({ socketPath }, "Info")).body);
      return liveStreams.AttachTerminal === undefined;
    });
  }
}
