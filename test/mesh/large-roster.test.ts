/** A host whose roster names 500 agents: every one of them is there, under its own name and in order, whoever asks. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { connectFleet } from "@mosaic/rpc";
import { eventually } from "@mosaic/testkit";
import { AgentState } from "@mosaic/wire";
import { type DaemonHome, daemonHome } from "./daemon-home.ts";
import type { PsAnswer } from "./ps-answer.ts";
import { tellAll } from "./tell-all.ts";
import { TestTerminal, tmux } from "./test-terminal.ts";

const AGENTS = 500;
/** Every way to write a name that has once gone wrong somewhere. */
const SHAPES = [
  (index: number) => `agent${index}`,
  (index: number) => `${index}-starts-with-digits`,
  (index: number) => `Team.A.v${index}.0`,
  (index: number) => `_under_score-${index}`,
  (index: number) => `${index}.${"long".repeat(25)}`.slice(0, 100),
];
/** Those that run, one of each shape. */
const RUNNING = [100, 101, 102, 103, 104].map(nameOf);

test(
  "a roster of 500 agents is read, listed and served whole, by name and in order",
  { timeout: 120_000 },
  tellAll(async (t) => {
    await using home = await daemonHome();
    await using terminal = new TestTerminal();
    const { socketName } = terminal;
    const program = ["--", "tail", "-f", "/dev/null"];
    const sessions = ["_holder", ...RUNNING.map((name) => name.replaceAll(".", "~"))];
    await tmux(socketName, ...sessions.map((session) => ["new-session", "-d", "-s", session, ...program]));
    await tmux(socketName, ["set-option", "-gw", "remain-on-exit", "on"]);
    // 7 and 500 have no common factor, so that each is named once, in an order that is nobody's.
    const names = Array.from({ length: AGENTS }, (_, index) => nameOf((index * 7) % AGENTS));
    assert.equal(new Set(names).size, AGENTS);
    await home.write("fleet/roster.yaml", rosterText(socketName, names));
    await home.serves("node");

    await t.test("fleet ps names each once, in order, and tells those that run from those that do not", async () => {
      const answer = await ps(home);
      assert.deepEqual(
        answer.items.map(({ name }) => name),
        names.toSorted(),
      );
      assert.ok(answer.items.every(({ conditions }) => conditions.every(({ type }) => type !== "ORPHAN")));
      assert.equal(answer.complete, true);
      const alive = answer.items.filter(({ pane }) => pane?.alive);
      assert.deepEqual(
        alive.map(({ name }) => name),
        RUNNING.toSorted(),
      );
      assert.deepEqual(new Set(answer.items.filter(({ pane }) => !pane).map(({ state }) => state)), new Set(["dead"]));
      assert.match((await home.mosaic("fleet", "ps")).stdout, /\n500 agents on 1 of 1 host/);
    });
    await t.test("a watcher gets them all, and then the death of one", () => watches(home, names));
    await t.test("a changed roster takes one away and brings one, and leaves the others alone", async () => {
      const changed = names.map((name) => (name === nameOf(499) ? "zz-newcomer" : name));
      await home.write("fleet/roster.yaml", rosterText(socketName, changed));
      await eventually("the newcomer is listed", async () => (await ps(home)).items.some(({ name }) => name === "zz-newcomer"));
      assert.deepEqual(
        (await ps(home)).items.map(({ name }) => name),
        changed.toSorted(),
      );
    });
  }),
);

async function watches(home: DaemonHome, names: readonly string[]): Promise<void> {
  await using connection = connectFleet({ kind: "unix", path: join(home.mosaicHome, "fleet/run/node.sock") });
  const stop = AbortSignal.timeout(30_000);
  const rows = new Map<string, number>();
  const { items } = await ps(home);
  const [victim = ""] = RUNNING;
  let isKilled = false;
  for await (const { frame } of connection.client.watch({}, { signal: stop })) {
    if (frame.case === "upsert") rows.set(frame.value.name, frame.value.state);
    if (isKilled && rows.get(victim) === AgentState.DEAD) break;
    if (isKilled || frame.case !== "bookmark") continue;
    assert.deepEqual([...rows.keys()].toSorted(), names.toSorted());
    assert.notEqual(rows.get(victim), AgentState.DEAD);
    process.kill(items.find(({ name }) => name === victim)?.pane?.pid ?? Number.NaN, "SIGKILL");
    isKilled = true;
  }
  assert.equal(rows.get(victim), AgentState.DEAD);
  assert.equal(rows.size, AGENTS);
}

function nameOf(index: number): string {
  return SHAPES[index % SHAPES.length]?.(index) ?? "";
}

function rosterText(socketName: string, names: readonly string[]): string {
  const head = ["version: 1", "transport: tmux", "tenant: team-a", "host: alpha", "tmux:", `  socket_name: ${socketName}`];
  const agents = names.map(
    (name) => `  - name: "${name}"\n    runtime: command\n    command: [tail, -f, /dev/null]\n    class: worker`,
  );
  return `${[...head, "agents:", ...agents].join("\n")}\n`;
}

async function ps(home: DaemonHome): Promise<PsAnswer> {
  const end = await home.mosaic("fleet", "ps", "--json");
  assert.equal(end.exitCode, 0, end.stderr);
  return JSON.parse(end.stdout) as PsAnswer;
}
