import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRoster } from "@mosaic/core";
import { judgeRoster, type ProgramFinder } from "./judge-roster.ts";

function roster(agents: readonly object[]) {
  const text = JSON.stringify({ version: 1, transport: "tmux", agents });
  return parseRoster(text, { file: "roster.yaml", defaultTenant: "ada", defaultHost: "desk" });
}

/** A host where these programs are. */
function host(there: { detached?: Record<string, string>; shell?: Record<string, string>; scripts?: Record<string, string> }) {
  const { detached = {}, shell = {}, scripts = {} } = there;
  return {
    detached: (program) => (Object.hasOwn(detached, program) ? detached[program] : undefined),
    inShell: (program) => (Object.hasOwn(shell, program) ? shell[program] : undefined),
    interpreterOf: (path) => scripts[path],
    folderExists: (path) => path === "/home/ada/src",
    atHome: (path) => path.replace("~", "/home/ada"),
  } satisfies ProgramFinder;
}

const levels = (agents: readonly object[], there: Parameters<typeof host>[0]) =>
  judgeRoster(roster(agents), host(there)).map(({ check, level, next }) => [check, level, next]);
const folder = ["directory ~/src", "ok", ""];

test("every runtime is looked for once, on the PATH of a detached pane", () => {
  const agents = ["a", "b"].map((name) => ({ name, runtime: "claude" }));
  assert.deepEqual(levels(agents, { detached: { claude: "/usr/bin/claude" } }), [["runtime claude", "ok", ""], folder]);
});

test("the stub agent comes with Mosaic", () => {
  assert.deepEqual(levels([{ name: "a", runtime: "stub" }], {}), [folder]);
});

test("a runtime that is nowhere is missing, with how it is installed", () => {
  const [codex] = levels([{ name: "a", runtime: "codex" }], {});
  assert.deepEqual(codex, ["runtime codex", "missing", "npm install -g @openai/codex"]);
});

test("a runtime that only this shell finds is missing, with the folder to name", () => {
  const agents = [{ name: "a", runtime: "pi" }];
  const [pi] = judgeRoster(roster(agents), host({ shell: { pi: "/home/ada/.nvm/bin/pi" } }));
  assert.deepEqual([pi?.level, pi?.next], ["missing", "export MOSAIC_AGENT_PATH=/home/ada/.nvm/bin"]);
  assert.match(pi?.message ?? "", /^\/home\/ada\/\.nvm\/bin\/pi is on the PATH of this shell only/);
});

test("a script whose interpreter a detached pane does not find can't run", () => {
  const agents = [{ name: "a", runtime: "pi" }];
  const there = { detached: { pi: "/usr/bin/pi" }, scripts: { "/usr/bin/pi": "node" } };
  assert.deepEqual(levels(agents, there)[0], ["runtime pi", "missing", "command -v node"]);
  const inShell = { ...there, shell: { node: "/opt/node/bin/node" } };
  assert.deepEqual(levels(agents, inShell)[0], ["runtime pi", "missing", "export MOSAIC_AGENT_PATH=/opt/node/bin"]);
  const sound = { ...there, detached: { ...there.detached, node: "/usr/bin/node" } };
  assert.deepEqual(levels(agents, sound)[0], ["runtime pi", "ok", ""]);
});

test("a command is looked for as it will be executed, a relative one from where the agent starts", () => {
  const agent = (name: string, program: string) => ({ name, runtime: "command", command: [program, "x"] });
  const agents = [agent("a", "top"), agent("b", "/opt/x"), agent("c", "./run"), agent("d", "constructor")];
  const there = { detached: { top: "/usr/bin/top", "/home/ada/src/./run": "/home/ada/src/./run" } };
  assert.deepEqual(levels(agents, there), [
    ["command top", "ok", ""],
    ["command /opt/x", "missing", "command -v /opt/x"],
    ["command ./run", "ok", ""],
    ["command constructor", "missing", "command -v constructor"],
    folder,
  ]);
});

test("a folder that is not there would keep its agents from starting", () => {
  const agents = [{ name: "a", runtime: "stub", working_directory: "~/work" }];
  assert.deepEqual(levels(agents, {}), [["directory ~/work", "missing", "mkdir -p /home/ada/work"]]);
});
