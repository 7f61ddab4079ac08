import assert from "node:assert/strict";
import { test } from "node:test";
import { runtimeNamed } from "@mosaic/runtimes";
import { sampleAgent } from "../local/hook-site.ts";
import { checkLaunchHooks, type FoundFile } from "./launch-hooks.ts";

const shipped = new Map([
  ["runtimes/hook", "#!/bin/sh\n"],
  ["runtimes/spool.mjs", "spool"],
  ["runtimes/pi/mosaic.mjs", "#!/usr/bin/env node"],
  ["runtimes/pi/turns.mjs", "turns"],
  ["runtimes/opencode/mosaic.mjs", "plugin"],
]);

/** Checks a runtime's own launch line on a host that has what is shipped, but for what is said. */
function check(
  runtime: string,
  changed: Record<string, FoundFile | undefined> = {},
  frameworkDirectory = "/opt/mo saic+/framework",
) {
  const context = {
    ...{ tenantId: "t", host: "h", mosaicHome: "/home/ada/.config/mosaic", nodeSocketPath: "/run/n.sock", path: "/bin" },
    ...{ frameworkDirectory, nodeProgram: "/bin/node" },
  };
  const find = (path: string): FoundFile | undefined => {
    const name = path.slice(frameworkDirectory.length + 1);
    const text = shipped.get(name);
    if (name in changed) return changed[name];
    return text === undefined ? undefined : { text, isExecutable: true };
  };
  const launch = runtimeNamed(runtime).launch(sampleAgent(runtime, undefined), context);
  const { isNamed, sound, faults } = checkLaunchHooks({ runtime, launch, frameworkDirectory, shipped, find });
  const below = (text: string) => text.replace(`${frameworkDirectory}/`, "");
  return { isNamed, sound: sound.map(below), faults: faults.map(below) };
}

test("each real runtime names its hook on its launch line, wherever framework/ lies", () => {
  for (const runtime of ["claude", "codex"]) assert.deepEqual(check(runtime).sound, ["runtimes/hook"], runtime);
  assert.deepEqual(check("pi").sound, ["runtimes/pi/mosaic.mjs", "runtimes/pi/turns.mjs", "runtimes/spool.mjs"]);
  assert.deepEqual(check("opencode").sound, ["runtimes/opencode/mosaic.mjs", "runtimes/spool.mjs"]);
});

test("a runtime of which nothing is known names nothing", () => {
  assert.deepEqual(check("command"), { isNamed: false, sound: [], faults: [] });
});

test("what is gone, old or can't be executed is told, and what a module loads in turn is looked at too", () => {
  assert.deepEqual(check("claude", { "runtimes/hook": undefined }).faults, ["runtimes/hook is not there"]);
  const old = { text: "old", isExecutable: true };
  assert.deepEqual(check("pi", { "runtimes/pi/turns.mjs": old }).faults, [
    "runtimes/pi/turns.mjs is not the one that this program ships",
  ]);
  const dull = { text: "#!/bin/sh\n", isExecutable: false };
  assert.deepEqual(check("codex", { "runtimes/hook": dull }).faults, ["runtimes/hook can't be executed"]);
  assert.deepEqual(check("pi", { "runtimes/pi/mosaic.mjs": { text: "#!/usr/bin/env node", isExecutable: false } }).faults, []);
  assert.deepEqual(check("pi", { "runtimes/opencode/mosaic.mjs": undefined }).faults, []);
});
