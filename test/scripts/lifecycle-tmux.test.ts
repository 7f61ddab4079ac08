/** Agents started and ended without systemd, by the real command on a real tmux. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type RealHost, realHost, sleeper } from "./real-host.ts";

interface Outcomes {
  readonly schema: string;
  readonly via: string;
  readonly dry_run: boolean;
  readonly items: readonly { readonly name: string; readonly outcome: string; readonly detail: string; readonly hint: string }[];
}

const HUNDRED = `n${"o".repeat(98)}0`;
const SPARE = sleeper("spare", "class: reviewer, lifecycle: ephemeral");

async function hostWith(context: TestContext, ...agents: readonly string[]): Promise<RealHost> {
  const host = await realHost(context, { hasSystemd: false });
  await host.writeRoster(agents.length > 0 ? agents : [sleeper("lead"), SPARE]);
  return host;
}

async function outcomesOf(host: RealHost, line: string) {
  const { via, dry_run, items } = await host.json<Outcomes>(line);
  return { via, dry_run, outcomes: items.map(({ name, outcome }) => `${name} ${outcome}`) };
}

test("start, restart and stop do what they say, and a dry run of each says it and does nothing", async (context) => {
  const host = await hostWith(context);
  const steps = [
    ["start", "lead started", ["lead"]],
    ["start", "lead already running", ["lead"]],
    ["restart lead", "lead restarted", ["lead"]],
    ["stop lead", "lead stopped", []],
    ["stop lead", "lead not running", []],
    ["restart", "lead started", ["lead"]],
  ] as const;
  for (const [line, outcome, after] of steps) {
    const before = host.sessions();
    const pid = host.tmux("list-panes", "-t", "=lead", "-F", "#{pane_pid}");
    const expected = { via: "tmux", outcomes: [outcome] };
    assert.deepEqual(await outcomesOf(host, `fleet ${line} --dry-run`), { ...expected, dry_run: true });
    assert.deepEqual(
      [host.sessions(), host.tmux("list-panes", "-t", "=lead", "-F", "#{pane_pid}")],
      [before, pid],
      `${line} --dry-run`,
    );
    assert.deepEqual(await outcomesOf(host, `fleet ${line}`), { ...expected, dry_run: false });
    assert.deepEqual(host.sessions(), after, line);
  }
  assert.deepEqual(await host.audited(), ["agent.start", "agent.restart", "agent.stop", "agent.restart"]);
});

test("names with dots, a leading digit and 100 characters are started, shown and ended, each exactly", async (context) => {
  const names = ["a.b", "a", "1st", "-dash", HUNDRED];
  const host = await hostWith(context, ...names.map((name) => sleeper(name)));
  assert.equal((await host.mosaic("fleet start")).exitCode, 0);
  const verify = await host.mosaic("fleet verify --wait 30s");
  assert.equal(verify.exitCode, 0, verify.stdout);
  const { items } = await host.json<{ items: { name: string }[] }>("fleet ps");
  assert.deepEqual(items.map(({ name }) => name).sort(), [...names].sort());
  assert.deepEqual((await outcomesOf(host, "fleet stop a")).outcomes, ["a stopped"]);
  assert.equal(host.sessions().length, names.length - 1, "a.b is not a");
  assert.match((await host.mosaic("agent stop -- -dash")).stdout, /^-dash +stopped/m);
  assert.deepEqual((await outcomesOf(host, `fleet restart ${HUNDRED} 1st`)).outcomes, [`${HUNDRED} restarted`, "1st restarted"]);
});

test("a worker is started for its lane, seen, and ended with it; a dry run leaves no trace", async (context) => {
  const host = await hostWith(context);
  const workers = join(host.mosaicHome, "fleet/workers");
  const start = "agent start reviewer --ephemeral --lane issue.7";
  assert.deepEqual(await outcomesOf(host, `${start} --dry-run`), { via: "tmux", dry_run: true, outcomes: ["spare started"] });
  assert.deepEqual([existsSync(workers), host.sessions()], [false, []]);
  assert.deepEqual((await outcomesOf(host, start)).outcomes, ["spare started"]);
  assert.deepEqual((await outcomesOf(host, start)).outcomes, ["spare.issue.7 started"]);
  assert.deepEqual((await outcomesOf(host, "agent start lead --ephemeral --lane issue.7")).outcomes, ["lead.issue.7 started"]);
  const ps = await host.json<{ items: { name: string; lane: string; in_roster: boolean }[] }>("fleet ps");
  assert.deepEqual(
    ps.items.filter(({ lane }) => lane === "issue.7").map(({ name, in_roster }) => [name, in_roster]),
    [
      ["lead.issue.7", true],
      ["spare", true],
      ["spare.issue.7", true],
    ],
  );
  assert.equal((await outcomesOf(host, "agent stop --lane issue.7 --dry-run")).outcomes.length, 3);
  assert.equal(host.sessions().length, 3);
  assert.deepEqual((await outcomesOf(host, "agent stop spare")).outcomes, ["spare stopped"]);
  assert.equal((await outcomesOf(host, "agent stop --lane issue.7")).outcomes.length, 2);
  assert.deepEqual([await readdir(workers), host.sessions()], [[], []]);
  const again = await host.mosaic("agent stop --lane issue.7");
  assert.deepEqual([again.exitCode, again.stderr.includes('lane "issue.7" has no workers')], [0, true]);
});

test("what can't be meant is refused with near names, before anything is started", async (context) => {
  const host = await hostWith(context);
  const refusals = [
    ["fleet start laed", 1, 'the roster has no agent "laed"', "did you mean lead?"],
    ["fleet start lead laed", 1, 'the roster has no agent "laed"', "did you mean lead?"],
    ["fleet restart nobody-at-all", 1, 'the roster has no agent "nobody-at-all"', "see what it has: mosaic agent roster"],
    ["fleet stop ../lead", 1, 'the roster has no agent "../lead"', "lead"],
    ["fleet start spare", 2, '"spare" is ephemeral', "mosaic agent start spare --ephemeral --lane <id>"],
    ["fleet stop --holder lead", 2, "--holder ends everything", ""],
    ["agent start reviewer", 2, '"reviewer" would be started for no lane', "--ephemeral --lane <id>"],
    ["agent start reviewer --lane x", 2, '"reviewer" would be started for no lane', ""],
    ["agent start revewer --ephemeral --lane x", 1, 'the roster has no agent and no class "revewer"', "did you mean reviewer?"],
    ["agent start reviewer --ephemeral --lane a/b", 2, 'not a lane\'s id: "a/b"', "letters, digits"],
    ["agent stop", 2, "name one agent, or a lane", ""],
    ["agent stop lead --lane x", 2, "name one agent, or a lane", ""],
    ["agent stop laed", 1, 'the roster has no agent "laed"', "did you mean lead?"],
    ["agent stop _holder", 1, 'the roster has no agent "_holder"', ""],
  ] as const;
  for (const [line, exitCode, message, hint] of refusals) {
    for (const dry of ["", " --dry-run"]) {
      const end = await host.mosaic(line + dry);
      assert.deepEqual([line, end.exitCode, end.stdout], [line, exitCode, ""], end.stderr);
      assert.ok(end.stderr.includes(message) && end.stderr.includes(hint), `${line}: ${end.stderr}`);
    }
  }
  assert.deepEqual([host.sessions(), await host.audited()], [[], []]);
});

test("stop --holder says that the server was ended only when one ran", async (context) => {
  const host = await hostWith(context);
  assert.match((await host.mosaic("fleet stop --holder")).stderr, /^no tmux server on socket "mosaic-test-[^"]*" runs$/m);
  await host.mosaic("fleet start");
  assert.match((await host.mosaic("fleet stop --holder --dry-run")).stderr, /the tmux server on socket ".*" would be ended$/m);
  assert.deepEqual(host.sessions(), ["lead"]);
  assert.match((await host.mosaic("fleet stop --holder")).stderr, /the tmux server on socket ".*" was ended$/m);
  assert.equal(host.tmux("list-sessions"), "");
});

test("without systemd nothing is installed, and whoever starts agents is told what that means", async (context) => {
  const host = await hostWith(context);
  for (const line of ["fleet install-systemd", "fleet install-systemd --dry-run"]) {
    const end = await host.mosaic(line);
    assert.equal(end.exitCode, 1);
    assert.match(end.stderr, /^mosaic: cannot install: no systemd user manager answers \(/);
  }
  assert.equal((await host.json<{ code: string }>("fleet install-systemd")).code, "NO_SYSTEMD");
  assert.deepEqual([existsSync(host.unitDirectory), existsSync(join(host.mosaicHome, "framework"))], [false, false]);
  const started = await host.mosaic("fleet start");
  assert.equal(started.exitCode, 0);
  assert.match(started.stderr, /^no systemd here \(.*\): nothing starts agents again after a crash or a reboot$/m);
});

test("a fleet of a project's own lives in its folder, beside the user's", async (context) => {
  const host = await hostWith(context);
  const roster = await readFile(join(host.mosaicHome, "fleet/roster.yaml"), "utf8");
  const started = await host.mosaic("fleet start --project-state --roster .config/mosaic/fleet/roster.yaml");
  assert.equal(started.exitCode, 0, started.stderr);
  assert.deepEqual(await host.audited(), [], "the user's own home is as it was");
  assert.match(await readFile(join(host.home, ".mosaic/fleet/audit.jsonl"), "utf8"), /"action":"agent\.start"/);
  assert.equal(await readFile(join(host.mosaicHome, "fleet/roster.yaml"), "utf8"), roster);
  const missing = await host.mosaic("fleet start --project-state");
  assert.equal(missing.exitCode, 1);
  assert.match(missing.stderr, /there is no roster at .*\/a home\/\.mosaic\/fleet\/roster\.yaml/);
});
