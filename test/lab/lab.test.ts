/** The lab, on this machine's kernel: what the tests of fleets stand on. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { eventually } from "@mosaic/testkit";
import { type RunningProgram, startProgram } from "../mesh/run-program.ts";
import { temporaryFolder } from "../tools/temporary-folder.ts";
import type { LabHost } from "./lab-host.ts";
import { labObstacle } from "./lab-obstacle.ts";
import { type LabRecord, readRecord } from "./lab-record.ts";
import { netnsExists } from "./network.ts";
import { sweepAbandoned } from "./remove-lab.ts";
import { type Lab, startLab } from "./start-lab.ts";

const obstacle = labObstacle();

describe("two hosts with two tenants each", { skip: obstacle ?? false }, () => {
  const given = temporaryFolder();
  const secondHome = join("/home", "the second");
  let lab: Lab;
  let hosts: [LabHost, LabHost];
  const signal = AbortSignal.timeout(100_000);

  before(async () => {
    const script = given.write("greet.mjs", `#!/usr/bin/env node\nconsole.log("hello", process.env.HOME);\n`);
    chmodSync(given.path, 0o755);
    chmodSync(script, 0o755);
    const tenants = ["mlab-a", { name: "mlab-b", home: secondHome }];
    lab = await startLab({ hosts: 2, tenants, readOnly: [given.path], programs: { greeting: script } }, signal);
    const [first, second] = lab.hosts;
    assert.ok(first !== undefined && second !== undefined);
    hosts = [first, second];
  });

  after(async () => {
    await lab?.[Symbol.asyncDispose]();
    given[Symbol.dispose]();
  });

  /** What a program says on standard output, one string for each host and tenant. */
  async function askAll(argv: readonly string[]): Promise<string[]> {
    const places = hosts.flatMap((host) => [0, 1].map((tenant) => ({ host, tenant })));
    const ends = await Promise.all(places.map(({ host, tenant }) => host.run(tenant, argv)));
    return ends.map(({ stdout }) => stdout.trim());
  }

  test("have a host name, users and homes of their own", async () => {
    assert.deepEqual(await askAll(["hostname"]), ["atlas", "atlas", "borealis", "borealis"]);
    assert.deepEqual(await askAll(["id", "-un"]), ["mlab-a", "mlab-b", "mlab-a", "mlab-b"]);
    await hosts[0].run(0, ["tee", "note"], { stdin: "mine" });
    assert.deepEqual(await askAll(["sh", "-c", "cat ~/note 2>/dev/null"]), ["mine", "", "", ""]);
    await hosts[0].run(0, ["tee", "/tmp/note", "/var/tmp/note", "/dev/shm/note"], { stdin: "ours" });
    const shared = ["sh", "-c", "cat /tmp/note /var/tmp/note /dev/shm/note 2>/dev/null"];
    assert.deepEqual(await askAll(shared), ["oursoursours", "oursoursours", "", ""]);
    const stranger = await hosts[0].run(1, ["ls", lab.tenants[0]?.home ?? ""]);
    assert.match(stranger.stderr, /Permission denied/);
  });

  test("see no process of each other's, nor of the machine's", async () => {
    await using sleeper = hosts[0].spawn(0, ["sleep", "4711"]);
    assert.ok(sleeper.pid > 0);
    const lists = await eventually("the sleeper is there", async () => {
      const all = await askAll(["ps", "-axo", "args"]);
      return all[0]?.includes("sleep 4711") ? all : undefined;
    });
    assert.deepEqual(
      lists.map((list) => list.includes("sleep 4711")),
      [true, true, false, false],
    );
    for (const list of lists) assert.ok(list.split("\n").length < 20, list);
  });

  test("give back what a program says, and how it ends", async () => {
    const end = await hosts[1].run("mlab-b", ["sh", "-c", 'cat; echo "$COLOUR" >&2; exit 7'], {
      stdin: "in",
      env: { COLOUR: "teal" },
    });
    assert.deepEqual([end.exitCode, end.stdout, end.stderr], [7, "in", "teal\n"]);
    await assert.rejects(hosts[1].run(0, ["sleep", "4712"], { timeoutMs: 50 }), /still running after 50 ms/);
    assert.doesNotMatch((await hosts[1].run(0, ["ps", "-axo", "args"])).stdout, /sleep 4712/);
  });

  test("have the clone's Node and what they were given, and can't change the clone or the machine", async () => {
    assert.deepEqual(new Set(await askAll(["node", "--version"])), new Set([process.version]));
    const homes = lab.tenants.map(({ home }) => `hello ${home}`);
    assert.deepEqual(await askAll(["greeting"]), [...homes, ...homes]);
    const root = join(import.meta.dirname, "../..");
    for (const folder of [root, given.path, "/usr", "/var"]) {
      assert.match((await hosts[0].runAsRoot(["touch", join(folder, "x")])).stderr, /Read-only file system/);
    }
    assert.equal((await hosts[0].runAsRoot(["touch", "/etc/of-this-host"])).exitCode, 0);
    assert.ok(!existsSync("/etc/of-this-host"));
  });

  test("run a user manager for each tenant, whose units the others don't see", async () => {
    const states = await askAll(["systemctl", "--user", "is-system-running", "--wait"]);
    for (const state of states) assert.match(state, /^(running|degraded)$/);
    await hosts[0].run(0, ["systemd-run", "--user", "--unit=alone", "sleep", "4713"]);
    assert.deepEqual(await askAll(["systemctl", "--user", "is-active", "alone"]), ["active", "inactive", "inactive", "inactive"]);
  });

  test("bring the user manager and its enabled units back after a reboot, homes kept", async () => {
    const [host, other] = hosts;
    const unit = "[Service]\nExecStart=/bin/sleep 4714\n[Install]\nWantedBy=default.target\n";
    await host.run(0, ["mkdir", "-p", ".config/systemd/user"]);
    await host.run(0, ["tee", ".config/systemd/user/core.service"], { stdin: unit });
    await host.run(0, ["systemctl", "--user", "enable", "--now", "core"]);
    await host.run(0, ["touch", "/tmp/lost", "kept"]);
    const facts = [
      "sh",
      "-c",
      "cat /proc/sys/kernel/random/boot_id /etc/machine-id; ls ~ /tmp; systemctl --user show -P MainPID core",
    ];
    const [before, neighbour] = await Promise.all([host.run(0, facts), other.run(0, facts)]);
    await host.reboot();
    await eventually(
      "the unit is active",
      async () => (await host.run(0, ["systemctl", "--user", "is-active", "core"])).exitCode === 0,
    );
    const after = await host.run(0, facts);
    assert.match(before.stdout, /lost/);
    assert.doesNotMatch(after.stdout, /lost/);
    assert.match(after.stdout, /kept/);
    assert.notEqual(after.stdout.split("\n")[0], before.stdout.split("\n")[0], "the boot id is new");
    assert.equal(after.stdout.split("\n")[1], before.stdout.split("\n")[1], "the machine id is the same");
    assert.match(after.stdout, /\n[1-9]\d*\n$/, "the unit has a process");
    assert.equal((await other.run(0, facts)).stdout, neighbour.stdout);
  });

  test("can be powered off, paused, and had back", async () => {
    const [host, other] = hosts;
    const canReach = async () => (await other.run(0, reach(host.address, 1))).stdout;
    assert.match(await canReach(), /ECONNREFUSED/, "the host is there, though nobody listens");
    await host.powerOff();
    assert.equal((await host.state()).power, "off");
    assert.match(await canReach(), /timeout|EHOSTUNREACH/);
    await assert.rejects(host.run(0, ["true"]), /is not running/);
    await host.powerOn();
    await host.pause();
    assert.equal((await host.state()).power, "paused");
    await assert.rejects(host.run(0, ["true"], { timeoutMs: 100 }), /still running/);
    await host.resume();
    assert.equal((await host.run(0, ["true"])).exitCode, 0);
    await using program = host.spawn(0, ["sleep", "4715"]);
    await host.pause();
    await program[Symbol.asyncDispose]();
    await host.powerOff();
    await host.powerOn();
    assert.equal((await host.run(0, ["true"])).exitCode, 0);
  });

  test("talk over TCP, and hear what a cut lets through and no more", async () => {
    const [host, other] = hosts;
    const script = join(import.meta.dirname, "chatter.mjs");
    await using inside = host.spawn(0, ["node", script, "listen", "4000"]);
    await eventually("the listener listens", () => inside.stdout().includes("listening"));
    await using outside = other.spawn(1, ["node", script, "connect", host.name, "4000"]);
    await hears(inside, outside);
    for (const direction of ["in", "out", "both"] as const) {
      await host.cut({ direction });
      assert.equal((await host.state()).cut, direction);
      const cutAtMs = Date.now();
      if (direction === "in") await hearsLaterThan(outside, cutAtMs + 40);
      if (direction === "out") await hearsLaterThan(inside, cutAtMs + 40);
      if (direction === "both") await passes(cutAtMs + 100);
      for (const [side, deaf] of [
        [inside, direction !== "out"],
        [outside, direction !== "in"],
      ] as const) {
        if (deaf)
          assert.ok(
            lastHeardMs(side) <= cutAtMs,
            `cut ${direction}: heard what was said ${lastHeardMs(side) - cutAtMs} ms after it`,
          );
      }
      await host.heal();
      assert.equal((await host.state()).cut, undefined);
      await hears(inside, outside);
    }
  });

  test("reach nothing else", async () => {
    const { stdout } = await hosts[0].run(0, ["ip", "-o", "-4", "addr"]);
    assert.deepEqual(stdout.match(/inet \S+/g), ["inet 127.0.0.1/8", `inet ${hosts[0].address}/24`]);
    assert.match((await hosts[0].run(0, reach("192.0.2.1", 443))).stdout, /ENETUNREACH/);
  });

  test("leave nothing behind", async () => {
    assert.notDeepEqual(leftOf(lab.record), []);
    await lab[Symbol.asyncDispose]();
    assert.deepEqual(leftOf(lab.record), []);
    await lab[Symbol.asyncDispose]();
  });
});

describe("a lab whose test was killed", { skip: obstacle ?? false }, () => {
  test("has no process any more, and is swept by the next to come", async () => {
    const module = join(import.meta.dirname, "start-lab.ts");
    const script = `const { startLab } = await import(${JSON.stringify(module)});
      const lab = await startLab({ hosts: ["crashed"] }, new AbortController().signal);
      console.log(lab.record.folder); setInterval(() => {}, 1000);`;
    await using owner = startProgram([process.execPath, "--input-type=module", "-e", script], {
      env: { PATH: process.env["PATH"] ?? "" },
    });
    const folder = await eventually("the lab is up", () => /^(.+)\n/.exec(owner.stdout())?.[1], 30_000);
    const record = readRecord(folder);
    assert.ok(record !== undefined);
    owner.kill("SIGKILL");
    await owner.ended;
    await eventually("its processes end by themselves", () => leftOf(record).every((left) => !left.startsWith("process")));
    assert.ok(leftOf(record).length > 0);
    await sweepAbandoned(join(folder, ".."));
    assert.deepEqual(leftOf(record), []);
  });
});

/** A program that says how a connection ends within 400 ms. */
function reach(address: string, port: number): string[] {
  const script = `const s = require("node:net").connect(${port}, "${address}"); s.setTimeout(400);
    for (const name of ["connect", "timeout", "error"]) s.on(name, (e) => { console.log(e?.code ?? name); s.destroy(); });`;
  return ["node", "-e", script];
}

/** When the latest thing was said that this side heard. */
function lastHeardMs(side: RunningProgram): number {
  return Number(side.stdout().split("\n").at(-2) ?? 0) || 0;
}

async function hearsLaterThan(side: RunningProgram, timeMs: number): Promise<void> {
  await eventually(`it hears what was said after ${timeMs}`, () => lastHeardMs(side) > timeMs);
}

async function hears(...sides: readonly RunningProgram[]): Promise<void> {
  const nowMs = Date.now();
  for (const side of sides) await hearsLaterThan(side, nowMs);
}

async function passes(timeMs: number): Promise<void> {
  await eventually("time passes", () => Date.now() > timeMs);
}

/** All that is there of a lab: by name, and by looking for its names where the kernel lists such things. */
function leftOf(record: LabRecord): string[] {
  const names = [...record.hosts.map(({ netns }) => netns), record.switchNetns];
  const mounts = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  const accounts = readFileSync("/etc/passwd", "utf8").split("\n");
  return [
    ...names.filter(netnsExists).map((name) => `network namespace ${name}`),
    ...[record.cgroup, record.folder].filter(existsSync).map((path) => `folder ${path}`),
    ...mounts
      .filter((line) => line.includes(record.folder) || names.some((name) => line.includes(name)))
      .map((line) => `mount ${line}`),
    ...accounts.filter((line) =>
      record.tenants.some(({ name, uid }) => line.startsWith(`${name}:`) || line.includes(`:${uid}:`)),
    ),
    ...processesOf(record).map((pid) => `process ${pid}`),
  ];
}

function processesOf({ id, tenants }: LabRecord): string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    const [group, status] = ["cgroup", "status"].map((file) => readIfThere(join("/proc", pid, file)));
    return (
      group?.includes(`mosaic-lab-${id}`) || tenants.some(({ uid }) => new RegExp(`^Uid:\t${uid}\t`, "m").test(status ?? ""))
    );
  });
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // The process ended between two looks.
    return "";
  }
}
