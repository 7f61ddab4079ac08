/** What somebody gets who has just cloned the project and types its first command. */
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { eventually } from "@mosaic/testkit";
import { cleanEnvironment, MOSAIC } from "./demo-fleet.ts";
import { endProcesses, processesNaming } from "./leftovers.ts";
import type { PsAnswer } from "./ps-answer.ts";
import { runToEnd, startProgram } from "./run-program.ts";
import { TestTerminal } from "./test-terminal.ts";

const SMALL = ["demo", "run", "--hosts", "2", "--agents", "1"];

test("demo run --once shows three hosts with living agents, and leaves nothing behind", async (t) => {
  await using place = await newcomer();
  const end = await runToEnd([...MOSAIC, "demo", "run", "--once", "--json"], { env: place.env });
  t.diagnostic(`took ${Math.round(end.durationMs)} ms`);
  assert.equal(end.exitCode, 0, end.stderr);
  await place.assertEmpty();

  const answer = JSON.parse(end.stdout) as PsAnswer;
  assert.equal(answer.schema, "mosaic.fleet.ps/1");
  assert.equal(answer.complete, true);
  assert.deepEqual(
    answer.hosts.map((host) => [host.tenant_id, host.host, host.state]),
    [
      ["demo", "alpha", "LIVE"],
      ["demo", "beta", "LIVE"],
      ["demo", "gamma", "LIVE"],
    ],
  );
  assert.ok(answer.items.length >= 6);
  for (const item of answer.items) {
    assert.equal(item.tenant_id, "demo");
    assert.match(item.host, /^(alpha|beta|gamma)$/);
    assert.equal(item.pane?.alive, true, item.name);
    assert.ok((item.pane?.pid ?? 0) > 1);
    assert.equal(item.heartbeat?.health, "healthy");
    assert.ok((item.heartbeat?.age_ms ?? Number.POSITIVE_INFINITY) < 45_000);
  }
  assert.equal(new Set(answer.items.map((item) => `${item.host}/${item.name}`)).size, answer.items.length);
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  test(`a live demo ends with 0 on ${signal}, and leaves nothing behind`, async () => {
    await using place = await newcomer();
    await using demo = startProgram([...MOSAIC, ...SMALL], { env: place.env });
    await eventually("the demo shows its fleet", () => /2 agents on 2 of 2 hosts\./.test(demo.stdout()), 40_000);
    demo.kill(signal);
    const end = await demo.ended;
    assert.deepEqual([end.exitCode, end.signal], [0, undefined], end.stderr);
    assert.match(end.stderr, /ended 3 daemons; .* is gone/);
    await place.assertEmpty();
  });
}

test("Ctrl-C in a terminal ends a live demo with 0, and gives the terminal back", async () => {
  await using place = await newcomer();
  await using terminal = new TestTerminal();
  const screen = await terminal.open([...MOSAIC, ...SMALL], { env: place.env, columns: 120, rows: 30 });
  await screen.shows(/2 agents on 2 of 2 hosts\..*q quits/, 40_000);
  assert.equal(await screen.format("#{alternate_on}"), "1");
  await screen.press("C-c");
  assert.equal(await screen.ended(20_000), "ended: code=0 signal=null modes=icanon,echo,isig");
  assert.equal(await screen.format("#{alternate_on} #{cursor_flag} #{wrap_flag}"), "0 1 1");
  assert.match((await screen.lines()).join("\n"), /before the program\n[\s\S]*ended 3 daemons/);
  await place.assertEmpty([Number(await screen.format("#{pane_pid}")), Number(await screen.format("#{pid}"))]);
});

test("what a killed demo left is cleaned up by the next one", async () => {
  await using place = await newcomer();
  await using killed = startProgram([...MOSAIC, ...SMALL], { env: place.env });
  await eventually("the demo shows its fleet", () => /2 agents on 2 of 2 hosts\./.test(killed.stdout()), 40_000);
  killed.kill("SIGKILL");
  await killed.ended;
  assert.equal(place.processes().length >= 5, true, "nodes, aggregator and agents outlive their killed owner");

  const next = await runToEnd([...MOSAIC, ...SMALL, "--once"], { env: place.env });
  assert.equal(next.exitCode, 0, next.stderr);
  assert.match(next.stderr, /^cleaned up .*, whose owner was killed$/m);
  await place.assertEmpty();
});

interface Newcomer extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>;
  /** Living processes that have to do with a demo of this newcomer. */
  processes(): { pid: number; command: string }[];
  /** Fails when a process, socket or file of a demo is left.
   *  @param others processes of the test itself that carry the newcomer's environment */
  assertEmpty(others?: readonly number[]): Promise<void>;
}

/** A user with an empty home and temporary folder; demos and their tmux sockets go to the latter. */
async function newcomer(): Promise<Newcomer> {
  const folder = await mkdtemp(join(tmpdir(), "mosaic-new-"));
  await mkdir(join(folder, "home"));
  const env = { ...cleanEnvironment(folder), TMUX_TMPDIR: folder };
  const processes = () => processesNaming([folder]);
  return {
    env,
    processes,
    async assertEmpty(others = []) {
      const isOfDemo = ({ pid }: { pid: number }) => !others.includes(pid);
      await eventually("the demo's processes end", () => processes().filter(isOfDemo).length === 0, 5000).catch(() => {});
      assert.deepEqual(processes().filter(isOfDemo), [], "processes are left");
      assert.deepEqual(filesBelow(folder), [], "files are left");
    },
    async [Symbol.asyncDispose]() {
      await endProcesses([folder]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Everything below a folder that is no folder itself. */
function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [] : [join(entry.parentPath.slice(folder.length), entry.name)],
  );
}
