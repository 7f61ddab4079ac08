/** The dashboard in real terminals, over a real fleet. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type DemoFleet, MOSAIC, startDemoFleet } from "./demo-fleet.ts";
import { tellAll } from "./tell-all.ts";
import { type TestScreen, TestTerminal, tmux } from "./test-terminal.ts";

const ENDED_WELL = "ended: code=0 signal=null modes=icanon,echo,isig";

test(
  "an operator looks after a fleet from one terminal",
  { timeout: 120_000 },
  tellAll(async (t) => {
    await using fleet = await startDemoFleet({ hosts: 2, agents: 2 });
    await using terminal = new TestTerminal();
    const small = await open(fleet, terminal, 80, 24);
    const large = await open(fleet, terminal, 200, 60);

    await t.test("80x24 and 200x60 both show every agent, and what can be done", async () => {
      for (const screen of [small, large]) {
        const lines = await screen.shows(/4 agents on 2 of 2 hosts\./);
        assert.equal(lines.filter((line) => /demo {4}(alpha|beta) +(coder0|lead) /.test(line)).length, 4);
        assert.match(lines.findLast((line) => line !== "") ?? "", /q quit$/);
      }
      assert.match((await large.lines())[0] ?? "", /SYSTEMD {2}PID/);
    });
    await t.test("Enter shows the agent with its live screen, and its keys don't reach it", async () => {
      await small.press("Down", "Enter");
      await small.shows(/^demo\/alpha\/lead {2}[\s\S]*its screen, live[\s\S]*stub agent lead/);
    });
    await t.test("a message goes to that agent; its receipt and what comes of it on its screen are shown", async () => {
      await small.type("s");
      await small.shows(/to demo\/alpha\/lead:/);
      await small.type("quit? no: say hello");
      await small.press("Enter");
      await small.shows(/you said: quit\? no: say hello[\s\S]*demo\/alpha\/lead: (ACCEPTED|ANSWERED) by hook/);
    });
    await t.test("a resize is drawn at once", async () => {
      await tmux(terminal.socketName, ["resize-window", "-t", "=screen1:", "-x", "60", "-y", "12"]);
      const lines = await small.shows(/^demo\/alpha\/lead[\s\S]*Esc back/);
      assert.ok(
        lines.filter((line) => line !== "").length <= 12 && lines.every((line) => [...line].length <= 60),
        lines.join("\n"),
      );
      await tmux(terminal.socketName, ["resize-window", "-t", "=screen1:", "-x", "80", "-y", "24"]);
    });
    await t.test("a filter leaves what fits it, and a host that is lost shows all the same", async () => {
      await large.type("/alpha lead");
      await large.shows(/1 of 4 agents, filter: alpha lead/);
      await large.press("Enter");
      fleet.kill("beta", "SIGKILL");
      const lines = await large.shows(/beta .*UNREACHABLE/);
      assert.match(lines.join("\n"), /INCOMPLETE: 1 unreachable/);
      assert.doesNotMatch(lines.join("\n"), /coder0/);
    });
    await t.test("q, and Ctrl-C while a text is typed, give the terminal back as it was", async () => {
      await small.type("qq");
      assert.equal(await small.ended(), ENDED_WELL);
      assert.equal(await small.format("#{alternate_on} #{cursor_flag} #{wrap_flag}"), "0 1 1");
      assert.equal((await small.lines())[0], "before the program");
      await large.type("shalf a text");
      await large.press("C-c");
      assert.equal(await large.ended(), "ended: code=130 signal=null modes=icanon,echo,isig");
    });
  }),
);

async function open(fleet: DemoFleet, terminal: TestTerminal, columns: number, rows: number): Promise<TestScreen> {
  return await terminal.open([...MOSAIC, "dashboard", "--all-hosts"], { env: fleet.env, columns, rows });
}
