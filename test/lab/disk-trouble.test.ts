/** A fleet whose home turns read-only, and then full, under its running node. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { eventually } from "@mosaic/testkit";
import { MOSAIC } from "../mesh/demo-fleet.ts";
import { itemIn, type PsAnswer } from "../mesh/ps-answer.ts";
import type { ProgramEnd } from "../mesh/run-program.ts";
import { TestTerminal } from "../mesh/test-terminal.ts";
import type { LabHost } from "./lab-host.ts";
import { labObstacle } from "./lab-obstacle.ts";
import { type Lab, startLab } from "./start-lab.ts";

const AUDIT = ".config/mosaic/fleet/audit.jsonl";
const ROSTER = ".config/mosaic/fleet/roster.yaml";
const NODE = MOSAIC[1].replace("cli/bin/mosaic.mjs", "node/bin/mosaic-node.mjs");

/** Prints so much that a disk without room is felt at once. */
const LOUD = "while :; do head -c 3000 /dev/urandom | base64; sleep 0.3; done";

function rosterOf(recording: string): string {
  return `version: 1
transport: tmux
host: disk
defaults: { working_directory: "~" }
agents:
  - { name: lead, runtime: stub }
  - { name: loud, runtime: command, command: [sh, -c, ${JSON.stringify(LOUD)}]${recording} }
`;
}

describe("a home that can't be written any more", { skip: labObstacle() ?? false }, () => {
  let lab: Lab;
  let host: LabHost;
  let config: string;

  before(async () => {
    lab = await startLab({ hosts: ["disk"], tenants: 1 }, AbortSignal.timeout(60_000));
    const [first] = lab.hosts;
    const [tenant] = lab.tenants;
    assert.ok(first && tenant);
    host = first;
    config = `${tenant.home}/.config`;
    await run("mkdir", "-p", config);
    await asRoot("mount", "-t", "tmpfs", "-o", `size=4m,mode=700,uid=${tenant.uid},gid=${tenant.uid}`, "tmpfs", config);
    await run("mkdir", "-p", `${config}/mosaic/fleet`);
    await host.run(0, ["tee", ROSTER], { stdin: rosterOf("") });
    await succeed("fleet", "install-systemd");
    await succeed("fleet", "start");
    await succeed("fleet", "verify", "--wait", "30s");
    await nodeAnswers();
  });

  after(() => lab?.[Symbol.asyncDispose]());

  const mosaic = (...args: readonly string[]) => host.run(0, ["node", MOSAIC[1], ...args]);

  async function succeed(...args: readonly string[]): Promise<string> {
    return okay(args, await mosaic(...args));
  }

  /** Runs a `mosaic` that must say what went wrong. */
  async function fails(reason: RegExp, ...args: readonly string[]): Promise<void> {
    const end = await mosaic(...args);
    assert.equal(end.exitCode, 1, `${args.join(" ")}\n${end.stdout}${end.stderr}`);
    assert.match(end.stdout + end.stderr, reason);
  }

  async function run(...argv: readonly string[]): Promise<string> {
    return okay(argv, await host.run(0, argv));
  }

  async function asRoot(...argv: readonly string[]): Promise<string> {
    return okay(argv, await host.runAsRoot(argv));
  }

  const ps = async () => JSON.parse(await succeed("fleet", "ps", "--json")) as PsAnswer;
  const row = async (name: string) => itemIn(await ps(), "disk", name);
  const conditionsOf = async (name: string) => (await row(name)).conditions.map(({ type, message }) => `${type}: ${message}`);
  const nodeAnswers = () => eventually("the node answers", async () => (await ps()).via !== "direct", 30_000);
  const hash = async () =>
    await run("sh", "-c", "find .config -type f ! -name '*.hb*' ! -name filler -exec sha256sum {} + | sort -k2");

  /** What somebody sees who tries to take an agent over. */
  async function attach(agent: string): Promise<string> {
    await using terminal = new TestTerminal();
    const argv = host.command(0, ["node", MOSAIC[1], "agent", "attach", agent]);
    const screen = await terminal.open(argv, { env: { PATH: process.env["PATH"] ?? "" }, columns: 200, rows: 20 });
    return `${await screen.ended(20_000)}\n${(await screen.lines()).join("\n")}`;
  }

  /** What goes on whatever becomes of the disk. */
  async function readsGoOn(): Promise<void> {
    const answer = await ps();
    assert.equal(answer.complete, true);
    assert.notEqual(answer.via, "direct");
    const lead = itemIn(answer, "disk", "lead");
    assert.deepEqual([lead.heartbeat?.health, lead.heartbeat?.evidence], ["healthy", "hook"]);
    assert.match(await succeed("agent", "tail", "loud", "-n", "3"), /\S/);
    await succeed("agent", "send", "lead", "--message", "are you there?", "--verify");
  }

  async function takeoversAreRefused(why: string): Promise<void> {
    const reason = new RegExp(`cannot write the audit log ".*audit.jsonl": ${why}`);
    const before = await run("cat", AUDIT);
    await fails(reason, "agent", "reset", "lead", "--new");
    const seen = await attach("lead");
    assert.match(seen, /ended: code=1/);
    assert.match(seen, reason);
    assert.equal(await run("cat", AUDIT), before);
  }

  async function heartbeatsAreWhole(): Promise<void> {
    for (const name of ["lead", "loud"]) assert.match(await run("cat", `.config/mosaic/fleet/run/${name}.hb`), WHOLE_BEAT);
  }

  test("read-only: reads go on, and what would change something says why it can't, and leaves all as it was", async () => {
    await asRoot("mount", "-o", "remount,ro", config);
    const [before, pid] = [await hash(), (await row("lead")).pane?.pid];
    await readsGoOn();
    await takeoversAreRefused("the disk is read-only");
    await fails(/read-only/, "fleet", "install-systemd");
    await fails(/lead +failed .*read-only/, "fleet", "restart", "lead");
    await fails(/read-only/, "fleet", "init", "--profile", "minimal", "--write", "--force");
    assert.equal((await row("lead")).pane?.pid, pid);
    assert.equal(await hash(), before);
    await heartbeatsAreWhole();
  });

  test("read-only: a node that starts there says what it can't write, and is back as soon as it can", async () => {
    await run("systemctl", "--user", "stop", "mosaic-node");
    const end = await host.run(0, ["node", NODE]);
    assert.equal(end.exitCode, 1);
    assert.match(end.stderr, /^mosaic-node: .*node\.sock.*read-only/);
    // Without it the command looks for itself.
    const answer = await ps();
    assert.deepEqual([answer.via, itemIn(answer, "disk", "loud").pane?.alive], ["direct", true]);
    await run("systemctl", "--user", "start", "mosaic-node");
    await asRoot("mount", "-o", "remount,rw", config);
    await nodeAnswers();
    await eventually("agents report to it", async () => (await row("lead")).heartbeat?.evidence === "hook", 30_000);
  });

  test("full: recording stops and its agent's row says why; nothing else stops", async () => {
    await host.run(0, ["tee", ROSTER], { stdin: rosterOf(", recording: { max_file_bytes: 65536 }") });
    const recordings = async () => JSON.parse(await succeed("sessions", "list", "--json")).items as { bytes: number }[];
    await eventually("it is recorded", async () => (await recordings()).some(({ bytes }) => bytes > 0));
    await fillUp();
    await eventually(
      "its row says so",
      async () => (await conditionsOf("loud")).some((told) => /^RECORDING_STOPPED: .*no space is left on the disk/.test(told)),
      30_000,
    );
    assert.deepEqual(await conditionsOf("lead"), []);
    await readsGoOn();
    await heartbeatsAreWhole();
    const left = await run("sh", "-c", "find .config/mosaic/fleet/sessions -type f -size 0");
    assert.equal(left, "");
  });

  test("full: a takeover that can't be put on record is refused, and leaves no half line", async () => {
    // The recording left some room when it stopped.
    await fillUp();
    await takeoversAreRefused("no space is left on the disk");
  });

  test("full: an installation says which file it can't write, and leaves no half of it", async () => {
    await run("rm", ".config/systemd/user/mosaic-agent@.service");
    await fillUp(4000);
    await fails(/cannot write .*mosaic-agent@\.service.*no space/i, "fleet", "install-systemd");
    assert.doesNotMatch(await run("ls", "-A", ".config/systemd/user"), /mosaic-agent@\.service/);
  });

  test("with room again all is as before: recorded, installed, on record", async () => {
    await run("rm", ".config/filler");
    await run("touch", ".config/room");
    await succeed("fleet", "install-systemd");
    // It is tried again each minute. One program waits for it, and not one after the other.
    const newRecording =
      'until find .config/mosaic/fleet/sessions -newer .config/room -name "*.cast" | grep -q .; do sleep 1; done';
    await host.run(0, ["sh", "-c", newRecording], { timeoutMs: 90_000 });
    await eventually("its row says nothing more", async () => (await conditionsOf("loud")).length === 0);
    await succeed("agent", "reset", "lead", "--new");
    for (const line of (await run("cat", AUDIT)).trimEnd().split("\n")) JSON.parse(line);
    await succeed("fleet", "verify", "--wait", "30s");
  });

  /** Leaves no room but in the page that the audit log ends in: with 20 bytes a line begins there and can't end. */
  async function fillUp(auditBytes = 20): Promise<void> {
    const bytes = (await run("cat", AUDIT)).length;
    const gap = (2 * PAGE_BYTES - auditBytes - (bytes % PAGE_BYTES)) % PAGE_BYTES;
    if (gap > 0) await run("sh", "-c", 'printf "%s\\n" "$1" >>"$2"', "pad", JSON.stringify("x".repeat(gap - 3)), AUDIT);
    await host.run(0, ["sh", "-c", "cat /dev/zero >>.config/filler; :"]);
  }
});

/** What a file of this disk takes room by. */
const PAGE_BYTES = 4096;
const WHOLE_BEAT = /^ts=\S+\npid=\d+\nstatus=(ok|busy)\ninterval=15\nwriter=(runtime|sidecar)\n$/;

function okay(argv: readonly string[], end: ProgramEnd): string {
  assert.equal(end.exitCode, 0, `${argv.join(" ")}\n${end.stdout}${end.stderr}`);
  return end.stdout;
}
