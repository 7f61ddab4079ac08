/** The product on real hosts: four machines with two tenants each, systemd, tmux and reboots. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { eventually } from "@mosaic/testkit";
import type { PsAnswer } from "../mesh/ps-answer.ts";
import { type LabFleet, type Place, startLabFleet } from "./lab-fleet.ts";
import { labObstacle } from "./lab-obstacle.ts";

const CORE = ["lead", "co.der-0", "9lives_", "n".repeat(100), "plain"];

describe("a fleet on four hosts with two tenants each", { skip: labObstacle() ?? false }, () => {
  let fleet: LabFleet;
  const signal = AbortSignal.timeout(400_000);

  before(async () => {
    // One home has a blank in its path, as homes from a directory service do.
    fleet = await startLabFleet(4, ["/home/mlab-a", "/home/mlab b"], signal);
    for (const place of fleet.places) await leaveWorkOnTheDefaultServer(place);
    // One place after the other, as a person would, and because the machine is small.
    for (const place of fleet.places) {
      await fleet.succeed(place, "fleet", "install-systemd", "--json");
      await fleet.succeed(place, "fleet", "start", "--json");
    }
    await fleet.startAggregator();
    const verified = await fleet.ask("fleet", "verify", "--all-hosts", "--wait", "60s");
    assert.equal(verified.exitCode, 0, verified.stdout + verified.stderr);
  });

  after(() => fleet?.[Symbol.asyncDispose]());

  /** A session of the user's own, on the server that `tmux` means without flags. */
  async function leaveWorkOnTheDefaultServer(place: Place): Promise<void> {
    await fleet.run(
      place,
      "tmux",
      "-f",
      "/dev/null",
      "new-session",
      "-d",
      "-s",
      "lead",
      "sh -c 'echo my own work; exec sleep 1000000'",
    );
    await eventually("it shows something", async () => (await ownWork(place)).includes("my own work"));
  }

  /** Everything that can be told of the default server: what it shows, since when, and as which processes. */
  async function ownWork(place: Place): Promise<string> {
    const format = "#{session_name} #{session_created} #{pane_id} #{pane_pid} #{pane_dead} #{window_width}x#{window_height}";
    const panes = await fleet.run(place, "tmux", "list-panes", "-a", "-F", format);
    const server = await fleet.run(place, "tmux", "display-message", "-p", "#{pid}");
    const options = await fleet.run(place, "tmux", "show-options", "-g");
    const hooks = await fleet.run(place, "tmux", "show-hooks", "-g");
    return [server, panes, await fleet.run(place, "tmux", "capture-pane", "-p", "-t", "=lead:"), options, hooks].join("\n");
  }

  const unitOf = (name: string) => `mosaic-agent@${name}.service`;
  const show = async (place: Place, name: string, property: string) =>
    (await fleet.run(place, "systemctl", "--user", "show", "-p", property, "--value", unitOf(name))).trim();
  const placeOn = (index: number) => fleet.places[index] ?? assert.fail(`there is no place ${index}`);
  const rowOf = (answer: PsAnswer, place: Place, name: string) =>
    answer.items.find((item) => item.tenant_id === place.tenantId && item.host === place.host.name && item.name === name) ??
    assert.fail(`no row ${place.tenantId}/${place.host.name}/${name}`);

  test("is one complete answer", async () => {
    const answer = await fleet.ps();
    assert.equal(answer.complete, true);
    assert.equal(answer.hosts.length, 8);
    for (const place of fleet.places) {
      for (const name of CORE) {
        const row = rowOf(answer, place, name);
        assert.deepEqual([row.pane?.alive, row.heartbeat?.health, row.drift], [true, "healthy", null], name);
        assert.deepEqual(
          [row.systemd?.active, row.systemd?.enabled, row.systemd?.unit],
          ["active", "enabled", unitOf(name)],
          name,
        );
        assert.equal(await show(place, name, "MainPID"), `${row.pane?.pid}`, name);
      }
      assert.equal(rowOf(answer, place, "spare").state, "unknown");
    }
    assert.equal(answer.items.length, 8 * 6);
  });

  test("a start that is repeated says that all run already, and starts nothing", async () => {
    const place = placeOn(0);
    const before = await show(place, "lead", "MainPID");
    const { stdout } = await fleet.succeed(place, "fleet", "start", "--json");
    assert.deepEqual(
      JSON.parse(stdout).items.map((item: { outcome: string }) => item.outcome),
      CORE.map(() => "already running"),
    );
    assert.equal(await show(place, "lead", "MainPID"), before);
  });

  test("a host that reboots is missed at once, and brings every core agent back without a hand", async () => {
    const [first, second] = fleet.places.filter((place) => place.host === fleet.lab.hosts[1]);
    assert.ok(first && second);
    const before = await fleet.ps();
    await first.host.powerOff();
    const during = await eventually("the aggregator misses it", async () => {
      const end = await fleet.ask("fleet", "verify", "--all-hosts", "--json");
      return end.exitCode === 0 ? undefined : end;
    });
    assert.equal(during.exitCode, 3);
    const mesh = await fleet.ps();
    assert.equal(mesh.complete, false);
    assert.deepEqual(
      mesh.hosts.filter((host) => host.state !== "LIVE").map((host) => [host.tenant_id, host.host]),
      [first, second].map((place) => [place.tenantId, place.host.name]),
    );
    assert.equal(mesh.items.length, before.items.length);

    await first.host.powerOn();
    const after = await fleet.ask("fleet", "verify", "--all-hosts", "--wait", "90s");
    assert.equal(after.exitCode, 0, after.stdout + after.stderr);
    const answer = await fleet.ps();
    assert.equal(answer.complete, true);
    for (const place of [first, second]) {
      for (const name of CORE) assert.equal(rowOf(answer, place, name).pane?.alive, true);
      await fleet.succeed(place, "fleet", "verify");
    }
  });

  test("a killed pane is dead within a second, and systemd starts the agent again", async () => {
    const place = placeOn(0);
    const pid = await show(place, "lead", "MainPID");
    const killedMs = performance.now();
    await fleet.run(place, "kill", "-KILL", pid);
    const seenMs = await eventually("its row is dead", async () => {
      const row = rowOf(await fleet.ps(), place, "lead");
      return row.pane?.alive !== true || `${row.pane.pid}` !== pid ? performance.now() : undefined;
    });
    assert.ok(seenMs - killedMs < 2000, `seen after ${Math.round(seenMs - killedMs)} ms, programs that ask included`);
    await eventually("it is back", async () => {
      const row = rowOf(await fleet.ps(), place, "lead");
      return row.pane?.alive === true && `${row.pane.pid}` !== pid;
    });
    const verified = await fleet.mosaic(place, "fleet", "verify", "--wait", "30s");
    assert.equal(verified.exitCode, 0, verified.stdout);
  });

  test("what an agent leaves running neither hides its end nor outlives it", async () => {
    const place = placeOn(1);
    const leftovers = async () =>
      (await place.host.run(place.tenant, ["sh", "-c", "pgrep -u $(id -u) -f '^sleep 1000001'"])).stdout.trim().split("\n");
    const [pid, before] = [await show(place, "plain", "MainPID"), await leftovers()];
    assert.equal(before.length, 1);
    await fleet.run(place, "kill", "-KILL", pid);
    await eventually("it runs again", async () => !["0", pid].includes(await show(place, "plain", "MainPID")), 30_000);
    const after = await leftovers();
    assert.equal(after.length, 1);
    assert.notDeepEqual(after, before);
  });

  test("when the tmux server is killed all agents come back", async () => {
    const place = placeOn(2);
    const server = await fleet.run(
      place,
      "systemctl",
      "--user",
      "show",
      "-p",
      "MainPID",
      "--value",
      "mosaic-tmux-holder.service",
    );
    await fleet.run(place, "kill", "-KILL", server.trim());
    const verified = await fleet.mosaic(place, "fleet", "verify", "--wait", "60s");
    assert.equal(verified.exitCode, 0, verified.stdout);
  });

  test("a unit that is active (exited) never reads as alive", async () => {
    const place = placeOn(3);
    await fleet.succeed(place, "fleet", "stop", "9lives_");
    const dropIn = `.config/systemd/user/${unitOf("9lives_")}.d`;
    await fleet.run(place, "mkdir", "-p", dropIn);
    const oneshot = "[Service]\nType=oneshot\nRemainAfterExit=yes\nPIDFile=\nRestart=no\nExecStart=\nExecStart=/bin/true\n";
    await place.host.run(place.tenant, ["tee", `${dropIn}/99-test.conf`], { stdin: oneshot });
    await fleet.run(place, "systemctl", "--user", "daemon-reload");
    await fleet.run(place, "systemctl", "--user", "start", unitOf("9lives_"));
    assert.deepEqual(
      [await show(place, "9lives_", "ActiveState"), await show(place, "9lives_", "SubState")],
      ["active", "exited"],
    );
    const verified = await fleet.mosaic(place, "fleet", "verify", "9lives_");
    assert.equal(verified.exitCode, 1);
    assert.match(verified.stdout, /9lives_.*active \(exited\)/);
    assert.equal(rowOf(await fleet.ps(), place, "9lives_").state, "dead");
    await fleet.run(place, "rm", "-r", dropIn);
    await fleet.run(place, "systemctl", "--user", "daemon-reload");
    await fleet.succeed(place, "fleet", "restart", "9lives_");
  });

  test("a worker lives for its lane, and ends with it", async () => {
    const place = placeOn(4);
    const { stdout } = await fleet.succeed(place, "agent", "start", "helper", "--ephemeral", "--lane", "issue-42", "--json");
    assert.equal(JSON.parse(stdout).items[0].name, "spare");
    await fleet.succeed(place, "agent", "start", "lead", "--ephemeral", "--lane", "issue-42");
    const rows = await eventually("both are seen", async () => {
      const { items } = await fleet.ps();
      const workers = items.filter((item) => item.lane === "issue-42" && item.pane?.alive);
      return workers.length === 2 ? workers : undefined;
    });
    assert.deepEqual(rows.map((row) => row.name).sort(), ["lead.issue-42", "spare"]);
    await fleet.succeed(place, "agent", "stop", "--lane", "issue-42");
    await eventually("they are gone", async () => !(await fleet.ps()).items.some((item) => item.lane === "issue-42"));
    assert.equal(rowOf(await fleet.ps(), place, "lead").pane?.alive, true);
  });

  test("a program that always ends at once is a crash loop, and is given up", async () => {
    const place = placeOn(5);
    const path = ".config/mosaic/fleet/roster.yaml";
    const roster = await fleet.run(place, "cat", path);
    const crashing = '  - { name: crash, runtime: command, command: [sh, -c, "echo out of luck; exit 3"] }\n';
    await place.host.run(place.tenant, ["tee", path], { stdin: roster + crashing });
    const start = await fleet.mosaic(place, "fleet", "start", "crash");
    assert.equal(start.exitCode, 1);
    assert.match(start.stdout, /crash +failed/);
    await eventually(
      "the condition is shown",
      async () => (rowOf(await fleet.ps(), place, "crash").conditions ?? []).some(({ type }) => type === "CRASH_LOOP"),
      60_000,
    );
    const tail = await fleet.mosaic(place, "agent", "tail", "crash");
    assert.match(tail.stdout, /out of luck/);
    await fleet.succeed(place, "fleet", "stop", "crash");
    await place.host.run(place.tenant, ["tee", path], { stdin: roster });
    await fleet.succeed(place, "fleet", "install-systemd");
  });

  test("the user's own tmux server is untouched by starts, stops, restarts and resets", async () => {
    const place = placeOn(6);
    const before = await ownWork(place);
    await fleet.succeed(place, "agent", "reset", "lead", "--new");
    await fleet.succeed(place, "fleet", "restart", "lead", "plain");
    await fleet.succeed(place, "fleet", "stop");
    await fleet.succeed(place, "fleet", "stop", "--holder");
    await fleet.succeed(place, "fleet", "start");
    assert.equal(await ownWork(place), before);
    assert.match(before, /my own work/);
    const verified = await fleet.mosaic(place, "fleet", "verify", "--wait", "30s");
    assert.equal(verified.exitCode, 0, verified.stdout);
  });

  test("an installation that is repeated changes nothing", async () => {
    const { stdout } = await fleet.succeed(placeOn(0), "fleet", "install-systemd", "--json");
    const { files, enabled, disabled } = JSON.parse(stdout) as { files: { change: string }[]; enabled: []; disabled: [] };
    assert.deepEqual([...new Set(files.map((file) => file.change)), enabled.length, disabled.length], ["keep", 0, 0]);
  });
});
