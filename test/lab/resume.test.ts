/** Agents that go on with their conversation, on a real host: after a crash, a reboot, and on a disk without room. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { eventually } from "@mosaic/testkit";
import { MOSAIC } from "../mesh/demo-fleet.ts";
import type { LabHost } from "./lab-host.ts";
import { labObstacle } from "./lab-obstacle.ts";
import { type Lab, startLab } from "./start-lab.ts";

const HOME = ".config/mosaic";
const SESSION = `${HOME}/fleet/run/lead.session`;
const ROSTER = `version: 1
transport: tmux
host: memory
defaults: { working_directory: "~" }
agents:
  - { name: lead, runtime: stub, model_hint: "slow=0" }
  - { name: plain, runtime: command, command: [sleep, "1000003"] }
`;
const PATIENCE_MS = 60_000;

describe("an agent with something to remember", { skip: labObstacle() ?? false }, () => {
  let lab: Lab;
  let host: LabHost;
  let id: string;

  before(async () => {
    lab = await startLab({ hosts: ["memory"], tenants: 1 }, AbortSignal.timeout(60_000));
    const [first] = lab.hosts;
    assert.ok(first);
    host = first;
    await run("mkdir", "-p", `${HOME}/fleet`);
    await host.run(0, ["tee", `${HOME}/fleet/roster.yaml`], { stdin: ROSTER });
    await run("node", MOSAIC[1], "fleet", "install-systemd");
    await run("node", MOSAIC[1], "fleet", "start", "lead", "plain");
    await shows(/^ready/m);
    await say("the heron is grey");
    [id = ""] = await conversations();
    await note(id);
  });

  after(() => lab?.[Symbol.asyncDispose]());

  async function run(...argv: readonly string[]): Promise<string> {
    const end = await host.run(0, argv);
    assert.equal(end.exitCode, 0, `${argv.join(" ")}\n${end.stdout}${end.stderr}`);
    return end.stdout.trim();
  }

  const note = (text: string) => host.run(0, ["tee", SESSION], { stdin: `${text}\n` });
  const tmux = async (...words: readonly string[]) => (await host.run(0, ["tmux", "-L", "mosaic-factory", ...words])).stdout;
  const screen = () => tmux("capture-pane", "-p", "-t", "=lead:");
  const pid = async (name = "lead") =>
    (await tmux("display-message", "-p", "-t", `=${name}:`, "#{?pane_dead,,#{pane_pid}}")).trim();
  const conversations = async () => (await run("ls", `${HOME}/stub-agent`)).replaceAll(".jsonl", "").split("\n");
  const isThere = async (path: string) => (await host.run(0, ["test", "-e", path])).exitCode === 0;
  const restarts = () => run("systemctl", "--user", "show", "--value", "-p", "NRestarts", "mosaic-agent@lead.service");

  async function shows(pattern: RegExp): Promise<void> {
    await eventually("it is on the screen", async () => pattern.test(await screen()), PATIENCE_MS).catch(async (error) => {
      const log = await host.run(0, ["journalctl", "--user", "-n", "20", "--no-pager"]);
      throw new Error(
        `${error.message}: ${pattern}\n${(await screen()).trimEnd()}\n${log.stdout}${log.stderr}\n${host.console().slice(-2000)}`,
      );
    });
  }

  async function say(text: string): Promise<void> {
    await tmux("send-keys", "-t", "=lead:", "-l", text);
    await shows(new RegExp(`^> ${text}`, "m"));
    await tmux("send-keys", "-t", "=lead:", "Enter");
    await shows(new RegExp(`^you said: ${text}`, "m"));
  }

  async function killAndAwait(name = "lead"): Promise<void> {
    const before = await pid(name);
    await run("kill", "-KILL", before);
    await eventually("it runs again", async () => !["", before].includes(await pid(name)), PATIENCE_MS);
  }

  /** Waits until systemd counts it as started. */
  const lasts = (name: string) =>
    eventually(
      "it is active",
      async () => (await host.run(0, ["systemctl", "--user", "is-active", `mosaic-agent@${name}`])).exitCode === 0,
    );

  async function remembers(): Promise<void> {
    await shows(/^you said: the heron is grey[\s\S]*^ready/m);
    assert.deepEqual(await conversations(), [id]);
    assert.deepEqual([await isThere(SESSION), await isThere(`${SESSION}.failed`)], [true, false]);
  }

  test("remembers it after its process was killed", async () => {
    await killAndAwait();
    await remembers();
  });

  test("remembers it after the host lost its power, however soon after a start that was", async () => {
    await run("systemctl", "--user", "restart", "mosaic-agent@lead.service");
    await shows(/^you said: the heron is grey/m);
    await host.powerOff();
    await host.powerOn();
    await eventually("it runs again", async () => (await pid()) !== "", PATIENCE_MS);
    await remembers();
  });

  test("remembers it after its tmux server was killed", async () => {
    const server = await run("systemctl", "--user", "show", "--value", "-p", "MainPID", "mosaic-tmux-holder.service");
    await run("kill", "-KILL", server);
    await remembers();
  });

  test("comes back and remembers also where the disk has no room for what its start writes", async () => {
    const folder = `${HOME}/fleet/run`;
    const [tenant] = lab.tenants;
    assert.ok(tenant);
    const path = `${tenant.home}/${folder}`;
    await run("cp", "-a", folder, `${folder}.kept`);
    const options = `size=64k,mode=700,uid=${tenant.uid},gid=${tenant.uid}`;
    const mounted = await host.runAsRoot(["mount", "-t", "tmpfs", "-o", options, "tmpfs", path]);
    assert.equal(mounted.exitCode, 0, mounted.stderr);
    await run("sh", "-c", `cp -a ${folder}.kept/lead.s* ${folder}; cat /dev/zero >${folder}/filler; :`);
    await killAndAwait();
    await remembers();
    await killAndAwait("plain");
    await lasts("plain");
    assert.equal(await run("sh", "-c", `find ${folder} -name '*.[0-9]*'`), "", "half a file is left");
    await run("rm", `${folder}/filler`);
  });

  test("starts afresh after one try when it is gone, and goes on with that", async () => {
    await run("systemctl", "--user", "reset-failed", "mosaic-agent@lead.service");
    await run("systemctl", "--user", "stop", "mosaic-agent@lead.service");
    await note("00000000-gone");
    // The program may end before or after systemd counts it as started.
    await host.run(0, ["systemctl", "--user", "start", "mosaic-agent@lead.service"]);
    await eventually("it was tried", () => isThere(`${SESSION}.failed`), PATIENCE_MS);
    await shows(/^ready/m);
    assert.equal(await restarts(), "1");
    assert.equal(await isThere(SESSION), false);
    assert.equal(await run("cat", `${SESSION}.failed`), "00000000-gone");
    const [other = ""] = (await conversations()).filter((each) => each !== id);
    await say("the swan is white");
    await note(other);
    await killAndAwait();
    await shows(/^you said: the swan is white[\s\S]*^ready/m);
  });
});
