import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { eventually } from "@mosaic/testkit";
import { runCli } from "../cli.ts";
import { memoryIo } from "../io/memory-io.ts";

const socketName = `mosaic-test-${process.pid}-verify`;
const tmux = (...words: string[]) => execFileSync("tmux", ["-L", socketName, "-f", "/dev/null", ...words]);
let home = "";

before(() => {
  home = mkdtempSync(join(tmpdir(), "mosaic-verify-"));
  mkdirSync(`${home}/fleet/run`, { recursive: true });
  const head = `version: 1\ntransport: tmux\ntenant: team-a\nhost: alpha\ntmux:\n  socket_name: ${socketName}\nagents:\n`;
  const agent = (name: string) => `  - name: ${name}\n    runtime: command\n    command: [sleep, "300"]\n`;
  writeFileSync(`${home}/fleet/roster.yaml`, head + ["lead", "coder0"].map(agent).join(""));
  tmux("new-session", "-d", "-s", "_holder", "sleep 300");
  tmux("set-option", "-g", "remain-on-exit", "on");
});

after(() => {
  // Nothing to say when a test has ended the server already.
  spawnSync("tmux", ["-L", socketName, "kill-server"]);
  rmSync(`${process.env["TMUX_TMPDIR"] ?? "/tmp"}/tmux-${process.getuid?.()}/${socketName}`, { force: true });
  rmSync(home, { recursive: true, force: true });
});

function beat(name: string): void {
  writeFileSync(`${home}/fleet/run/${name}.hb`, `ts=${new Date().toISOString()}\npid=1\nstatus=ok\nwriter=sidecar\n`);
}

function start(...words: string[]) {
  const io = memoryIo({ env: { MOSAIC_HOME: home } });
  return { io, running: runCli(["fleet", ...words], io) };
}

test("without a node the host itself is judged: before, during and after", async () => {
  const before = start("verify");
  assert.equal(await before.running, 1);
  assert.match(before.io.stdout.text, /^not live {2}team-a\/alpha\/lead: no session[^\n]*; next: mosaic fleet start lead$/m);
  assert.match(before.io.stdout.text, /\n0 of 2 agents are live\. via: direct \(without a node\)\.\n$/);

  const waiting = start("verify", "--wait", "20s");
  await waiting.io.stderr.shows(/waiting: alpha\/coder0 \(no-session\), alpha\/lead \(no-session\)\n/);
  for (const name of ["lead", "coder0"]) tmux("new-session", "-d", "-s", name, "sleep 300");
  await waiting.io.stderr.shows(/waiting: alpha\/coder0 \(no-heartbeat\), alpha\/lead \(no-heartbeat\)\n/);
  beat("lead");
  beat("coder0");
  assert.equal(await waiting.running, 0);
  assert.equal(waiting.io.stdout.text, "2 of 2 agents are live. via: direct (without a node).\n");

  tmux("respawn-pane", "-k", "-t", "=coder0:", "false");
  const isDead = () =>
    spawnSync("tmux", ["-L", socketName, "list-panes", "-t", "=coder0", "-F", "#{pane_dead}"]).stdout.toString();
  await eventually("the pane is dead", () => isDead().trim() === "1");
  const dead = start("verify", "coder0");
  assert.equal(await dead.running, 1);
  assert.match(
    dead.io.stdout.text,
    // tmux does not always learn how a pane's process ended (3.3a); that it ended is what counts.
    /^not live {2}team-a\/alpha\/coder0: (exited with 1|process ended)[^\n]*; next: mosaic fleet restart coder0$/m,
  );
});

test("status shows the same in detail", async () => {
  const { io, running } = start("status", "lead");
  assert.equal(await running, 0);
  assert.match(io.stdout.text, /^ {2}heartbeat {2}healthy, sidecar \d+s ago, /m);
  assert.match(io.stdout.text, /^ {2}pane {7}alive, %\d+ of session lead, pid \d+, sleep, /m);
  assert.match(io.stdout.text, /\n1 agent, 1 live\. via: direct \(without a node\)\.\n$/);
});
