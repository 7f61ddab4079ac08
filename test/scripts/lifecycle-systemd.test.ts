/** Agents installed, started and ended by the real command on a real systemd of the user's own, in a home with a blank. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { eventually } from "@mosaic/testkit";
import { needsSystemd } from "../../packages/host/src/systemd/user-manager-for-tests.ts";
import type { PsAnswer } from "../mesh/ps-answer.ts";
import { type RealHost, realHost, sleeper } from "./real-host.ts";

interface Installed {
  readonly schema: string;
  readonly dry_run: boolean;
  readonly lingering: string;
  readonly files: readonly { readonly change: string; readonly path: string }[];
  readonly enabled: readonly string[];
  readonly disabled: readonly string[];
}

interface Outcomes {
  readonly via: string;
  readonly items: readonly { readonly name: string; readonly outcome: string }[];
}

const HUNDRED = `n${"o".repeat(98)}0`;
const SPARE = sleeper("spare", "class: reviewer, lifecycle: ephemeral");

async function outcomesOf(host: RealHost, line: string): Promise<readonly string[]> {
  const { via, items } = await host.json<Outcomes>(line);
  assert.equal(via, "systemd");
  return items.map(({ name, outcome }) => `${name} ${outcome}`);
}

const unitOf = (name: string) => `mosaic-agent@${name}.service`;
const isActive = (host: RealHost, unit: string) => host.manager?.systemctl("show", "--value", "-p", "ActiveState", unit);

test(
  "install-systemd puts files in place and enables them; a dry run does not; once is enough",
  needsSystemd,
  async (context) => {
    const host = await realHost(context, { hasSystemd: true });
    await host.writeRoster([sleeper("lead"), sleeper("a.b", "limits: { tasks_max: 50 }"), SPARE]);
    const planned = await host.json<Installed>("fleet install-systemd --dry-run");
    assert.deepEqual([planned.schema, planned.dry_run], ["mosaic.fleet.install/1", true]);
    assert.deepEqual([...new Set(planned.files.map(({ change }) => change))], ["create"]);
    assert.deepEqual(
      [await readdir(host.unitDirectory), existsSync(join(host.mosaicHome, "framework")), await host.audited()],
      [[], false, []],
    );
    const done = await host.json<Installed>("fleet install-systemd");
    assert.deepEqual({ ...done, dry_run: true }, planned, "it does what it said");
    assert.deepEqual([...done.enabled].sort(), [
      unitOf("a.b"),
      unitOf("lead"),
      "mosaic-node.service",
      "mosaic-tmux-holder.service",
    ]);
    assert.deepEqual([host.sessions(), await isActive(host, "mosaic-node.service")], [[], "inactive"], "nothing is started");
    assert.deepEqual(await host.audited(), ["fleet.install"]);

    const again = await host.mosaic("fleet install-systemd");
    assert.match(again.stdout, /^Everything is in place; 2 core agents come up after a reboot\./m);
    assert.match(again.stderr, /lingering|logind/);

    await host.writeRoster([sleeper("lead")]);
    const fewer = await host.json<Installed>("fleet install-systemd");
    assert.deepEqual(fewer.disabled, [unitOf("a.b")]);
    assert.equal(fewer.files.filter(({ change }) => change === "remove").length, 3);

    await writeFile(join(host.unitDirectory, "mosaic-node.service"), "[Service]\nExecStart=/bin/mine\n");
    const refused = await host.mosaic("fleet install-systemd");
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stderr, /mosaic-node\.service was not made by Mosaic\nhint: look at it, then repeat with --force/);
    assert.equal((await host.mosaic("fleet install-systemd --force")).exitCode, 0);
  },
);

test("units start, restart and end agents of every name; a dry run does nothing", needsSystemd, async (context) => {
  const host = await realHost(context, { hasSystemd: true });
  const names = ["1st", "a.b", HUNDRED];
  await host.writeRoster([...names.map((name) => sleeper(name)), SPARE]);
  await host.mosaic("fleet install-systemd");
  assert.deepEqual(
    await outcomesOf(host, "fleet start --dry-run"),
    names.map((name) => `${name} started`),
  );
  assert.deepEqual([host.sessions(), await isActive(host, "mosaic-node.service")], [[], "inactive"]);
  assert.deepEqual(
    await outcomesOf(host, "fleet start"),
    names.map((name) => `${name} started`),
  );
  assert.deepEqual(
    await outcomesOf(host, "fleet start"),
    names.map((name) => `${name} already running`),
  );
  const verify = await host.mosaic("fleet verify --wait 30s");
  assert.equal(verify.exitCode, 0, verify.stdout + verify.stderr);
  assert.equal(await isActive(host, "mosaic-node.service"), "active");

  assert.deepEqual(await outcomesOf(host, "fleet restart a.b --dry-run"), ["a.b restarted"]);
  const pid = host.tmux("list-panes", "-t", "=a~b", "-F", "#{pane_pid}");
  assert.deepEqual(await outcomesOf(host, "fleet restart a.b"), ["a.b restarted"]);
  assert.notEqual(host.tmux("list-panes", "-t", "=a~b", "-F", "#{pane_pid}"), pid);

  assert.deepEqual(await outcomesOf(host, "fleet stop 1st --dry-run"), ["1st stopped"]);
  assert.equal(await isActive(host, unitOf("1st")), "active");
  assert.deepEqual(await outcomesOf(host, "fleet stop 1st"), ["1st stopped"]);
  assert.deepEqual(await outcomesOf(host, "agent stop 1st"), ["1st not running"]);
  assert.equal(await isActive(host, unitOf("1st")), "inactive");
  assert.equal(await isActive(host, unitOf("a.b")), "active");

  const whole = await host.mosaic("fleet stop --holder");
  assert.match(whole.stderr, /was ended$/m);
  assert.deepEqual([host.sessions(), await isActive(host, "mosaic-tmux-holder.service")], [[], "inactive"]);
  assert.match((await host.mosaic("fleet stop --holder")).stderr, /^no tmux server on socket ".*" runs$/m);
});

test("a worker has a unit for as long as its lane, and is not started again", needsSystemd, async (context) => {
  const host = await realHost(context, { hasSystemd: true });
  await host.writeRoster([sleeper("lead"), SPARE]);
  await host.mosaic("fleet install-systemd");
  const start = "agent start reviewer --ephemeral --lane l-1";
  assert.deepEqual(await outcomesOf(host, `${start} --dry-run`), ["spare started"]);
  const agents = join(host.mosaicHome, "fleet/agents");
  assert.deepEqual(await readdir(agents), ["lead.env", "lead.launch"], "a dry run leaves no file");
  assert.deepEqual(await outcomesOf(host, start), ["spare started"]);
  assert.equal(await isActive(host, unitOf("spare")), "active");
  assert.match(await readFile(join(agents, "spare.env"), "utf8"), /^MOSAIC_LANE="l-1"$/m);
  host.tmux("kill-session", "-t", "=spare");
  await eventually("the unit has ended", async () => (await isActive(host, unitOf("spare"))) !== "active");
  assert.deepEqual(host.sessions(), [], "it stays ended");
  assert.deepEqual(await outcomesOf(host, "agent stop --lane l-1"), ["spare not running"]);
  assert.deepEqual(await readdir(agents), ["lead.env", "lead.launch"]);
  assert.deepEqual(await readdir(host.unitDirectory).then((all) => all.filter((entry) => entry.includes("spare"))), []);
});

test(
  "a folder's own fleet leaves the units of this user's fleet alone, also for agents of the same name",
  needsSystemd,
  async (context) => {
    const host = await realHost(context, { hasSystemd: true });
    await host.writeRoster([sleeper("lead")]);
    await host.mosaic("fleet install-systemd");
    assert.deepEqual(await outcomesOf(host, "fleet start"), ["lead started"]);
    const pid = await host.manager?.systemctl("show", "--value", "-p", "MainPID", unitOf("lead"));

    assert.equal((await host.mosaic("fleet init --project-state --write")).exitCode, 0);
    const roster = join(host.home, ".mosaic/fleet/roster.yaml");
    const head = (await readFile(roster, "utf8")).split("agents:")[0];
    await writeFile(roster, `${head}agents:\n  - ${sleeper("lead")}\n`);
    const socketName = /socket_name: (\S+)/.exec(head ?? "")?.[1] ?? "";
    // At the end of this function: what runs after the test finds the home gone, and the tmux server would stay for ever.
    await using _server = {
      async [Symbol.asyncDispose]() {
        assert.equal((await host.mosaic("fleet stop --holder --project-state")).exitCode, 0);
      },
    };

    const ps = async () => await host.json<PsAnswer>("fleet ps --project-state");
    assert.deepEqual(
      (await ps()).items.map(({ name, systemd, pane }) => [name, systemd, pane]),
      [["lead", null, null]],
    );
    assert.match(
      (await ps()).hosts[0]?.conditions.map(({ message }) => message).join() ?? "",
      /units keep the fleet of .*mosaic/,
    );
    const started = await host.json<Outcomes>("fleet start --project-state");
    assert.deepEqual([started.via, started.items.map(({ outcome }) => outcome)], ["tmux", ["started"]]);
    const [row] = (await ps()).items;
    assert.deepEqual([row?.pane?.alive, row?.conditions], [true, []]);
    assert.notEqual(`${row?.pane?.pid}`, pid);
    assert.match((await host.mosaic("fleet install-systemd --project-state")).stderr, /a user has one fleet/);
    assert.equal((await host.mosaic("fleet stop --project-state")).exitCode, 0);
    assert.equal(await host.manager?.systemctl("show", "--value", "-p", "MainPID", unitOf("lead")), pid);
    assert.deepEqual(host.sessions(), ["lead"]);
    assert.notEqual(socketName, "");
  },
);
