import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ROSTER_RUNTIMES } from "@mosaic/core";
import type { AgentJson } from "@mosaic/wire";
import { runCli } from "../../cli.ts";
import { hooksCommands } from "../../command-table/hooks.ts";
import { agentJson } from "../../fleet/builders-for-tests.ts";
import { memoryIo } from "../../io/memory-io.ts";
import { locateFramework } from "../../local/installation.ts";
import { memoryRemote } from "../../remote/memory-remote.ts";

const home = mkdtempSync(join(tmpdir(), "mosaic-install-hooks-"));
after(() => rmSync(home, { recursive: true, force: true }));
const NODE = `unix:${home}/fleet/run/node.sock`;

async function hooks(argv: string[], rows?: AgentJson[]) {
  const io = memoryIo({ env: { MOSAIC_HOME: home, HOME: home } });
  const remote = memoryRemote(rows === undefined ? {} : { [NODE]: { unary: { List: () => ({ agents: rows }) } } });
  const exitCode = await runCli(["agent", "install-hooks", ...argv], io, { deps: { remote } });
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text };
}

test("hooks that ride on the launch line need nothing, and it says what was looked at", async () => {
  const { exitCode, stdout } = await hooks(["claude"]);
  assert.equal(exitCode, 0);
  assert.equal(
    stdout,
    `RUNTIME  HOOKS     WHAT
claude   in place  named by each agent's launch line; no file of yours is touched
  found   ${locateFramework()}/runtimes/hook
`,
  );
});

test("a runtime that reports by itself, and one that can't, are told as such", async () => {
  const { exitCode, stdout } = await hooks(["stub", "command"]);
  assert.equal(exitCode, 0);
  assert.match(stdout, /^stub {5}nothing to do {2}it reports by itself$/m);
  assert.match(stdout, /^command {2}nothing to do {2}nothing of it reports/m);
});

test("--remove has nothing to take away where nothing was put", async () => {
  const { exitCode, stdout } = await hooks(["codex", "--remove"]);
  assert.equal(exitCode, 0);
  assert.match(stdout, /^codex {4}nothing to do {2}nothing is installed: its hooks are named by each agent's launch line/m);
});

test("without names it is the runtimes of the roster, and without a roster it asks for one", async () => {
  const none = await hooks([]);
  assert.deepEqual([none.exitCode, none.stdout], [2, ""]);
  assert.match(none.stderr, /hint: mosaic agent install-hooks claude/);
  mkdirSync(join(home, "fleet"), { recursive: true });
  const agents = ["pi", "stub", "pi"].map((runtime, index) => `  - name: a${index}\n    runtime: ${runtime}\n`);
  writeFileSync(join(home, "fleet/roster.yaml"), `version: 1\ntransport: tmux\nagents:\n${agents.join("")}`);
  const answer = JSON.parse((await hooks(["--json"])).stdout);
  assert.deepEqual(
    answer.items.map((item: { runtime: string }) => item.runtime),
    ["pi", "stub"],
  );
});

test("--check tells what is heard, and a HOOKLESS agent is exit 1 with what to do", async () => {
  const deaf = agentJson("alpha", "coder0", { conditions: [{ type: "HOOKLESS" }], heartbeat: { evidence: "EVIDENCE_SIDECAR" } });
  const rows = [agentJson("alpha", "lead"), deaf, agentJson("alpha", "other", { runtime: "codex" })];
  const { exitCode, stdout } = await hooks(["claude", "--check"], rows);
  assert.equal(exitCode, 1);
  assert.match(stdout, /1 of 2 agents heard by hook; HOOKLESS: coder0\n[\s\S]* {2}next: mosaic fleet restart coder0\n/);
  assert.equal((await hooks(["claude", "--check"], [agentJson("alpha", "lead")])).exitCode, 0);
});

test("--check without a node says that it can't know", async () => {
  const { exitCode, stderr } = await hooks(["claude", "--check"]);
  assert.deepEqual([exitCode, stderr], [0, "mosaic: no node answers on this host, so whether the hooks fire can't be told\n"]);
});

test("a copy on the host that is older than this program is missing its hooks, and it says how to renew it", async () => {
  cpSync(join(locateFramework(), "systemd/beats"), join(home, "framework/systemd/beats"));
  mkdirSync(join(home, "framework/runtimes"), { recursive: true });
  writeFileSync(join(home, "framework/runtimes/hook"), "#!/bin/sh\n# an older one\n", { mode: 0o755 });
  const { exitCode, stdout } = await hooks(["claude", "--check"], []);
  rmSync(join(home, "framework"), { recursive: true });
  assert.equal(exitCode, 1);
  assert.match(
    stdout,
    /^claude {3}missing {2}.*runtimes\/hook is not the one that this program ships\n {2}next: mosaic fleet install-systemd$/m,
  );
});

test("a misspelt runtime is told with near ones", async () => {
  const { exitCode, stderr } = await hooks(["claude", "opncode"]);
  assert.equal(exitCode, 2);
  assert.match(stderr, /hint: did you mean opencode\?/);
  assert.equal((await hooks(["claude", "--check", "--remove"])).exitCode, 2);
  assert.deepEqual(hooksCommands[0]?.args[0]?.choices, ROSTER_RUNTIMES);
});

test("the fields of mosaic.agent.hooks/1", async () => {
  const answer = JSON.parse((await hooks(["claude", "--check", "--json"], [agentJson("alpha", "lead")])).stdout);
  assert.deepEqual(Object.keys(answer), ["schema", "complete", "action", "dry_run", "ready", "items"]);
  assert.deepEqual([answer.schema, answer.action, answer.ready], ["mosaic.agent.hooks/1", "check", true]);
  assert.deepEqual(Object.keys(answer.items[0]), ["runtime", "way", "outcome", "files", "checked", "heard", "detail", "next"]);
  assert.deepEqual(answer.items[0].heard, { agents: 1, by_hook: 1, hookless: [] });
});
