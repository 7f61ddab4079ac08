import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { runtimeNamed } from "@mosaic/runtimes";
import { aRoster } from "@mosaic/testkit";
import { agentFiles } from "./agent-files.ts";
import { fleetPaths } from "./fleet-paths.ts";
import { launchScript } from "./launch-script.ts";
import { type LaunchSite, launchOf, resumeLineOf } from "./launch-site.ts";

const folder = mkdtempSync(join(tmpdir(), "mosaic-launch-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a script as a pane does, and answers with the words that the program was given. */
function wordsGiven(text: string, sessionId: string): string[] {
  const script = join(folder, "x.launch");
  writeFileSync(script, text);
  const said = execFileSync("/bin/sh", ["-c", 'set -- "$2"; . "$0"', script, "", sessionId], { encoding: "utf8", cwd: folder });
  return said.split("\n").slice(0, -1);
}

const show: [string, ...string[]] = ["printf", "%s\\n"];
const NASTY = ["it's", "", "two words", "$(touch hit)", "`id`", "a\\b", "*", '"$1"'];

test("without a conversation the fresh line is executed, with one the other, and every word arrives as it is", () => {
  const { text, canResume } = launchScript([...show, "fresh", ...NASTY], (id) => [
    ...show,
    ...NASTY,
    "--resume",
    id,
    `x=${id}'s`,
  ]);
  assert.equal(canResume, true);
  assert.deepEqual(wordsGiven(text, ""), ["fresh", ...NASTY]);
  assert.deepEqual(wordsGiven(text, "s-1.2:3"), [...NASTY, "--resume", "s-1.2:3", "x=s-1.2:3's"]);
});

test("an id is one word whatever is in it: nothing of it is read as shell", () => {
  const { text } = launchScript([...show, "fresh"], (id) => [...show, id]);
  for (const id of ["$(touch hit)", "a b", "*", "'; touch hit; '", '"']) assert.deepEqual(wordsGiven(text, id), [id]);
});

test("a program that can't resume starts afresh, whatever it is given", () => {
  const { text, canResume } = launchScript([...show, "fresh"], () => undefined);
  assert.deepEqual([canResume, wordsGiven(text, "s-1")], [false, ["fresh"]]);
});

const site: LaunchSite = {
  paths: fleetPaths("/home/u/.config/mosaic"),
  tenantId: "team-a",
  host: "alpha",
  homeDirectory: "/home/u",
  path: "/usr/bin",
  nodeProgram: "/opt/node",
};
const textOf = (runtime: string, lifecycle: "core" | "ephemeral", suffix: string) => {
  const entry = { name: "a", lifecycle, runtime, ...(runtime === "command" ? { command: ["top"] as [string] } : {}) };
  const [agent] = aRoster([entry]).agents;
  assert.ok(agent);
  return agentFiles(agent, site, "/units").find(({ path }) => path.endsWith(suffix))?.text ?? assert.fail(suffix);
};

test("a core agent whose runtime can resume says so in its environment, a worker and a plain command don't", () => {
  assert.match(textOf("stub", "core", ".env"), /^MOSAIC_CAN_RESUME="1"$/m);
  assert.match(textOf("stub", "core", ".launch"), /^\[ -z "\$1" \] \|\| exec '\/opt\/node' .* '--resume='"\$1"$/m);
  for (const [runtime, lifecycle] of [
    ["stub", "ephemeral"],
    ["command", "core"],
  ] as const) {
    assert.doesNotMatch(textOf(runtime, lifecycle, ".env"), /RESUME/);
    assert.doesNotMatch(textOf(runtime, lifecycle, ".launch"), /\$1/);
  }
});

for (const runtime of ["claude", "codex", "opencode", "pi", "stub"]) {
  test(`${runtime}: the line that resumes has the id in it, and neither another program nor another environment`, () => {
    const [agent] = aRoster([{ name: "a", runtime }]).agents;
    assert.ok(agent);
    const line = resumeLineOf(agent, site, "s-1") ?? assert.fail("it can't resume");
    assert.equal(line[0], launchOf(agent, site).argv[0]);
    assert.ok(line.some((word) => word.includes("s-1")));
    const context = { ...site, mosaicHome: "/m", nodeSocketPath: "/m/node.sock", frameworkDirectory: "/m/framework" };
    const adapter = runtimeNamed(runtime);
    assert.deepEqual(adapter.resume?.(agent, context, "s-1").env, adapter.launch(agent, context).env);
    assert.match(textOf(runtime, "core", ".launch"), /^\[ -z "\$1" \] \|\| exec .*"\$1"/m);
  });
}
