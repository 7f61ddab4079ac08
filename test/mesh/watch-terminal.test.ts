/** An agent's screen, seen by others who can't touch it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { pick, seededRandom } from "@mosaic/testkit";
import { type DemoFleet, MOSAIC, startDemoFleet } from "./demo-fleet.ts";
import { rawCall } from "./raw-call.ts";
import { tellAll } from "./tell-all.ts";
import { screenOf, type TestScreen, TestTerminal, tmux } from "./test-terminal.ts";

const AGENT = "demo/alpha/coder0";
const SIZE = "#{window_width}x#{window_height}";

interface Stage {
  readonly fleet: DemoFleet;
  readonly socketName: string;
  /** The agent's own screen. */
  readonly agent: TestScreen;
  /** A viewer that is larger than the agent's screen, and one that is smaller. */
  readonly large: TestScreen;
  readonly small: TestScreen;
}

test(
  "people watch an agent's terminal",
  { timeout: 120_000 },
  tellAll(async (t) => {
    await using fleet = await startDemoFleet({ hosts: 1, agents: 2 });
    await using terminal = new TestTerminal();
    const socketName = await fleet.tmuxSocket("alpha");
    const watch = (columns: number, rows: number) =>
      terminal.open([...MOSAIC, "agent", "watch", AGENT], { env: fleet.env, columns, rows });
    const agent = screenOf(socketName, "coder0");
    const sizeBefore = await agent.format(SIZE);
    const large = await watch(130, 45);
    await t.test("1,000 random keys in the only viewer do not reach the agent", (c) => keysStayHere(c, fleet, agent, large));
    await t.test("a viewer has no say in the agent's window, also as its only client", async () => {
      const clients = await tmux(socketName, ["list-clients", "-t", "=coder0", "-F", "#{client_flags}"]);
      assert.match(clients.trim(), /^[^\n]*control-mode[^\n]*ignore-size[^\n]*read-only[^\n]*$/);
    });
    const small = await watch(60, 15);
    const stage = { fleet, socketName, agent, large, small };

    await t.test("two viewers of different sizes show it, through the aggregator", () => bothShowIt(stage));
    await t.test("1,000 random keys in two viewers of different sizes do not reach the agent", (c) =>
      keysStayHere(c, fleet, agent, large, small),
    );
    await t.test("nothing a viewer does changes the agent's window", async () => {
      await tmux(terminal.socketName, ["resize-window", "-t", "=screen2:", "-x", "90", "-y", "33"]);
      await fleet.eventually("the small viewer takes its new size", async () => /WATCHING/.test((await small.lines())[32] ?? ""));
      assert.equal(await agent.format(SIZE), sizeBefore);
    });
    await t.test("q ends a viewer and gives the terminal back", async () => {
      await large.type("q");
      assert.equal(await large.ended(), "ended: code=0 signal=null modes=icanon,echo,isig");
      assert.equal(await large.format("#{alternate_on} #{cursor_flag} #{wrap_flag}"), "0 1 1");
      assert.equal((await large.lines())[0], "before the program");
      assert.equal(await agent.format(SIZE), sizeBefore);
    });
    await t.test("tail --follow prints what an agent shows after a message", () => tailFollows(fleet));
    await t.test("a viewer says so when the agent's session ends", async () => {
      await tmux(socketName, ["kill-session", "-t", "=coder0:"]);
      assert.equal(await small.ended(), "ended: code=0 signal=null modes=icanon,echo,isig");
      assert.match((await small.lines()).join("\n"), /mosaic: the terminal is gone: the terminal of "coder0" on alpha is gone/);
    });
    await t.test("no stream is left on node and aggregator", async () => {
      for (const socketPath of [
        join(fleet.directory, "fleet/run/aggregator.sock"),
        join(fleet.daemon("alpha").home, "fleet/run/node.sock"),
      ]) {
        await fleet.eventually("the viewers' streams end", async () => {
          const { liveStreams = {} } = JSON.parse((await rawCall({ socketPath }, "Info")).body);
          return liveStreams.WatchTerminal === undefined && liveStreams.Tail === undefined;
        });
      }
    });
  }),
);

async function bothShowIt({ fleet, agent, large, small }: Stage): Promise<void> {
  await fleet.mosaic(["agent", "send", AGENT, "-m", "show this", "--wait", "answered"]);
  await large.shows(/> show this/);
  await small.shows(/WATCHING demo\/alpha\/coder0 · 120x40 · read-only · q quits/);
  await fleet.eventually("the large viewer shows all of the agent's screen", async () => {
    const own = (await agent.lines()).slice(0, 40);
    const seen = (await large.lines()).slice(0, 40);
    return own.join("\n") === seen.join("\n");
  });
  // Lower than the agent's screen, it shows the part with the cursor: the composer above all.
  const own = await agent.lines();
  const seen = (await small.lines()).slice(0, 14);
  assert.deepEqual(
    seen.filter((line) => !own.some((whole) => whole.slice(0, 60).trimEnd() === line)),
    [],
  );
  assert.ok(seen.includes(">"), "the composer is shown");
}

async function keysStayHere(
  t: TestContext,
  fleet: DemoFleet,
  agent: TestScreen,
  ...viewers: readonly [TestScreen, ...TestScreen[]]
): Promise<void> {
  const seed = 20_261_121 + viewers.length;
  t.diagnostic(`seed ${seed}`);
  const random = seededRandom(seed);
  for (const viewer of viewers) await viewer.shows(/WATCHING/);
  const [before, sizeBefore] = [await agent.lines(), await agent.format(SIZE)];
  for (let batch = 0; batch < 20; batch += 1) {
    for (const viewer of viewers) await viewer.press(...Array.from({ length: 1000 / 20 }, () => pick(KEYS, random)));
    assert.equal(await agent.format(SIZE), sizeBefore);
  }
  assert.deepEqual(await agent.lines(), before);
  assert.equal(await agent.format(SIZE), sizeBefore);
  // A key on its way to the agent would be a draft in its composer, or part of what it takes.
  const text = `after the keys of ${viewers.length}`;
  const sent = await fleet.mosaic(["agent", "send", AGENT, "-m", text, "--verify", "--json"]);
  assert.equal(JSON.parse(sent.stdout).receipt.state, "ACCEPTED", sent.stdout);
  // The first is large enough for what an agent has said; every one still watches.
  await viewers[0].shows(new RegExp(`> ${text}`));
  for (const viewer of viewers) assert.match((await viewer.lines()).join("\n"), /WATCHING/);
}

/** Everything but what ends a viewer: q, Q, Esc and Ctrl-C. */
const KEYS: readonly string[] = [
  ..."abcdefghijklmnoprstuvwxyzABCXYZ0123456789!#$%&/()=?+*-_.:,<>|".split(""),
  ..."Enter Tab BSpace Space Up Down Left Right Home End PageUp PageDown Insert Delete F1 F2 F5 F12".split(" "),
  ..."C-a C-d C-e C-k C-l C-n C-p C-r C-s C-t C-u C-w C-x C-z C-\\ M-a M-x S-Up C-Left BTab".split(" "),
];

async function tailFollows(fleet: DemoFleet): Promise<void> {
  await using tail = fleet.start(["agent", "tail", "demo/alpha/lead", "--follow"]);
  await fleet.eventually("tail shows the agent", () => /stub agent lead/.test(tail.stdout()));
  const shownBefore = tail.stdout().length;
  const sent = await fleet.mosaic(["agent", "send", "lead", "-m", "a line for the tail", "--wait", "answered"]);
  assert.equal(sent.exitCode, 0, sent.stderr);
  await fleet.eventually("tail shows the message and its answer", () => {
    const fresh = tail.stdout().slice(shownBefore);
    return /^> a line for the tail$/m.test(fresh) && /^you said: a line for the tail \(19 bytes/m.test(fresh);
  });
  tail.kill("SIGINT");
  assert.equal((await tail.ended).exitCode, 130);
}
