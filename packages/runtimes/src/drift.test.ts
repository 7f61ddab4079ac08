import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProcessFacts } from "@mosaic/core";
import { driftOf } from "./drift.ts";

const processOf = (executable: string, ...args: string[]): ProcessFacts => ({
  pid: 7,
  executable,
  command: executable.slice(executable.lastIndexOf("/") + 1),
  arguments: args,
  startTicks: 1,
});
const claude = processOf("/p/claude-code/bin/claude.exe", "claude");
const pi: ProcessFacts = { ...processOf("/usr/bin/node", "pi"), command: "pi" };

test("the runtime the roster asks for is no drift, another one is", () => {
  assert.equal(driftOf("claude", claude, []), undefined);
  assert.equal(driftOf("codex", claude, []), "claude");
  assert.equal(driftOf("claude", pi, []), "pi");
});

test("a shell that waits for a person is drift, and so is a program that is certainly no agent", () => {
  for (const args of [["-bash"], ["bash"], ["/bin/bash", "-l"], ["bash", "-i", "--norc"]]) {
    assert.equal(driftOf("claude", processOf("/bin/bash", ...args), []), "bash", args.join(" "));
  }
  assert.equal(driftOf("pi", processOf("/usr/bin/zsh", "-zsh"), []), "zsh");
  assert.equal(driftOf("pi", processOf("/usr/bin/vim.basic", "vim"), []), "vim");
  assert.equal(driftOf("pi", processOf("/bin/sleep", "sleep", "1000"), []), "sleep");
});

test("a shell that starts something can't tell, until its child does", () => {
  const wrapper = processOf("/bin/sh", "sh", "-c", "exec claude");
  assert.equal(driftOf("claude", wrapper, []), undefined);
  assert.equal(driftOf("claude", processOf("/bin/bash", "bash", "/opt/wrap.sh"), []), undefined);
  assert.equal(driftOf("claude", wrapper, [claude]), undefined);
  assert.equal(driftOf("claude", wrapper, [pi]), "pi");
  assert.equal(driftOf("claude", processOf("/bin/bash", "-bash"), [claude]), undefined);
  assert.equal(driftOf("claude", processOf("/usr/bin/env", "env", "claude"), [pi, claude]), undefined);
});

test("an unknown program can't tell, whatever it has started", () => {
  for (const unknown of [
    processOf("/home/u/.local/share/claude/versions/3.0.0", "x"),
    processOf("/usr/bin/node", "node", "x.js"),
    processOf(""),
  ]) {
    assert.equal(driftOf("claude", unknown, []), undefined);
    assert.equal(driftOf("claude", unknown, [pi]), undefined);
  }
});

test("an agent of runtime command never drifts", () => {
  for (const process of [claude, processOf("/bin/bash", "-bash"), processOf("/bin/sleep", "sleep", "1")]) {
    assert.equal(driftOf("command", process, []), undefined);
  }
});
