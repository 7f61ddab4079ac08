import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { parseRoster } from "@mosaic/core";
import { runCli } from "../../cli.ts";
import { memoryIo } from "../../io/memory-io.ts";

const EXAMPLES = join(import.meta.dirname, "../../../../../framework/fleet/examples");
const example = (profile: string) => readFileSync(join(EXAMPLES, `${profile}.yaml`), "utf8");

let home = "";
const roster = () => join(home, "deep/mosaic/fleet/roster.yaml");

/** Makes programs in a folder of the home, for PATH. */
function programs(folder: string, scripts: Record<string, string>): string {
  mkdirSync(join(home, folder), { recursive: true });
  for (const [name, text] of Object.entries(scripts)) {
    writeFileSync(join(home, folder, name), text);
    chmodSync(join(home, folder, name), 0o755);
  }
  return join(home, folder);
}

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "mosaic init-"));
  mkdirSync(join(home, "src"));
  mkdirSync(join(home, "run"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

async function init(line: string, env: Record<string, string> = {}) {
  const PATH = programs("bin", { tmux: "#!/bin/sh\necho tmux 3.7a\n" });
  const io = memoryIo({
    env: { HOME: home, PATH, XDG_RUNTIME_DIR: join(home, "run"), MOSAIC_HOME: join(home, "deep/mosaic"), ...env },
  });
  const exitCode = await runCli(["fleet", "init", ...line.split(" ").filter(Boolean)], io);
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text };
}

test("the shipped examples are printed as they are, and are rosters", async () => {
  assert.deepEqual(await init(""), { exitCode: 0, stdout: example("minimal"), stderr: "" });
  assert.equal((await init("--profile local-canary")).stdout, example("local-canary"));
  assert.equal((await init("--profile other")).exitCode, 2);
  for (const [profile, agents] of [
    ["minimal", ["canary0"]],
    ["local-canary", ["lead", "coder0", "reviewer0"]],
  ] as const) {
    const { agents: found } = parseRoster(example(profile), { file: profile, defaultTenant: "t", defaultHost: "h" });
    assert.deepEqual(
      found.map((agent) => agent.name),
      agents,
    );
  }
  assert.throws(() => statSync(join(home, "deep")), "nothing is written");
});

test("--write makes folders and file for their owner alone", async () => {
  const { exitCode, stdout } = await init("--write");
  assert.equal(exitCode, 0);
  assert.ok(stdout.startsWith(`wrote ${roster()} (minimal)\nnext: mosaic fleet install-systemd`), stdout);
  assert.equal(readFileSync(roster(), "utf8"), example("minimal"));
  const mode = (path: string) => statSync(path).mode & 0o777;
  assert.deepEqual([mode(roster()), mode(dirname(roster())), mode(join(home, "deep"))], [0o600, 0o700, 0o700]);
  assert.deepEqual(readdirSync(dirname(roster())), ["roster.yaml"]);
});

test("a roster that is there is never replaced, unless it is the same or that is asked for", async () => {
  await init("--write");
  assert.match((await init("--write")).stdout, /holds that very roster already/);
  const refused = await init("--write --profile local-canary");
  assert.equal(refused.exitCode, 1);
  assert.match(refused.stderr, /^mosaic: there is a roster at .*\nhint: .*--force\n$/);
  assert.equal(JSON.parse((await init("--write --profile local-canary --json")).stdout).code, "WOULD_OVERWRITE");
  assert.equal(readFileSync(roster(), "utf8"), example("minimal"));
});

test("--force keeps the old one beside it, each time under another name", async () => {
  mkdirSync(dirname(roster()), { recursive: true });
  const old = Buffer.from([0xff, 0x00, 0x0a]);
  writeFileSync(roster(), old);
  const first = await init("--write --force");
  assert.equal(first.exitCode, 0);
  await init("--write --force --profile local-canary");
  assert.equal(readFileSync(roster(), "utf8"), example("local-canary"));
  const [earliest = "", second = "", ...others] = readdirSync(dirname(roster()))
    .filter((name) => name.includes(".bak-"))
    .sort();
  assert.deepEqual(others, []);
  assert.match(earliest, /^roster\.yaml\.bak-\d{8}T\d{6}\.\d{3}Z$/);
  assert.ok(first.stdout.includes(`kept the old one as ${join(dirname(roster()), earliest)}\n`), first.stdout);
  assert.deepEqual(readFileSync(join(dirname(roster()), earliest)), old, "byte for byte");
  assert.equal(readFileSync(join(dirname(roster()), second), "utf8"), example("minimal"));
});

test("--dry-run says what would be done, and does nothing", async () => {
  assert.match((await init("--write --dry-run")).stdout, /^would write .*roster\.yaml \(minimal\)\nnothing was changed/);
  assert.throws(() => statSync(join(home, "deep")));
  await init("--write");
  assert.equal((await init("--dry-run --profile local-canary")).exitCode, 1, "as --write would fail");
  const forced = await init("--write --dry-run --force --profile local-canary");
  assert.match(forced.stdout, /^would write .*\nwould keep the old one as .*\.bak-/);
  assert.deepEqual(readdirSync(dirname(roster())), ["roster.yaml"]);
});

test("--roster names another file, also through ~", async () => {
  assert.equal((await init("--write --roster ~/mine.yaml")).exitCode, 0);
  assert.equal(readFileSync(join(home, "mine.yaml"), "utf8"), example("minimal"));
});

test("--force alone is a mistake", async () => {
  assert.equal((await init("--force")).exitCode, 2);
  assert.equal((await init("--force --check")).exitCode, 2);
});

test("a place that can't be written is an error that names it, and leaves nothing", async () => {
  writeFileSync(join(home, "deep"), "a file");
  const { exitCode, stderr } = await init("--write");
  assert.equal(exitCode, 1);
  assert.match(stderr, /^mosaic: cannot make the folder of .*roster\.yaml/);
});

test("the fields of mosaic.fleet.init/1", async () => {
  const printed = JSON.parse((await init("--json")).stdout);
  const same = { schema: "mosaic.fleet.init/1", complete: true, profile: "minimal", path: roster(), text: example("minimal") };
  assert.deepEqual(printed, { ...same, action: "print", written: false, dry_run: false, backup: null, check: null });
  const { check, ...written } = JSON.parse((await init("--write --json")).stdout);
  assert.deepEqual(written, { ...same, action: "create", written: true, dry_run: false, backup: null });
  assert.deepEqual(Object.keys(check[0]), ["check", "level", "message", "next"]);
  const again = JSON.parse((await init("--write --json")).stdout);
  assert.deepEqual([again.action, again.written], ["nothing", false]);
});

test("--check says line by line what there is, and changes nothing", async () => {
  await init("--write");
  const before = readdirSync(home, { recursive: true }).sort();
  const { exitCode, stdout } = await init("--check");
  assert.equal(exitCode, 0, stdout);
  assert.match(stdout, /^ok {7}tmux +3\.7a\n/);
  assert.match(stdout, /^warn {5}systemd +no user manager answers .*; next: systemctl --user status$/m);
  assert.match(stdout, /^ok {7}disk /m);
  assert.match(stdout, /^ok {7}roster +1 agent in /m);
  assert.match(stdout, /\nNothing is missing, \d to look at\.\n$/);
  assert.deepEqual(readdirSync(home, { recursive: true }).sort(), before);
});

test("--check without a roster, or with a broken one, says so and is exit 1", async () => {
  assert.match(
    (await init("--check")).stdout,
    /^missing +roster +there is none at .*; next: mosaic fleet init --profile minimal --write$/m,
  );
  mkdirSync(dirname(roster()), { recursive: true });
  writeFileSync(roster(), "version: 1\ntransport: tmux\nagents: []\n");
  const { exitCode, stdout } = await init("--check");
  assert.equal(exitCode, 1);
  assert.match(stdout, /^missing +roster +.*roster\.yaml:3:\d+: agents.*; next: mosaic agent roster$/m);
  assert.match(stdout, /\nNot ready: 1 missing, \d to look at\.\n$/);
});

test("runtimes are looked for on the PATH that a detached pane has", async () => {
  mkdirSync(dirname(roster()), { recursive: true });
  writeFileSync(roster(), "version: 1\ntransport: tmux\nagents: [{ name: a, runtime: pi }, { name: b, runtime: codex }]\n");
  programs("bin", { pi: "#!/bin/sh\n", codex: "#!/usr/bin/env interpreter-of-nobody\n" });
  const inShell = await init("--check");
  assert.equal(inShell.exitCode, 1);
  assert.match(
    inShell.stdout,
    /^missing +runtime pi .*on the PATH of this shell only.*; next: export MOSAIC_AGENT_PATH=.*\/bin$/m,
  );
  const named = await init("--check --json", { MOSAIC_AGENT_PATH: join(home, "bin") });
  const answer = JSON.parse(named.stdout);
  assert.deepEqual(Object.keys(answer), ["schema", "complete", "ready", "path", "agent_path", "items"]);
  assert.deepEqual([answer.schema, answer.ready, answer.path], ["mosaic.fleet.check/1", false, roster()]);
  assert.ok(answer.agent_path.startsWith(`${join(home, "bin")}:`), answer.agent_path);
  const level = (check: string) => answer.items.find((item: { check: string }) => item.check === check)?.level;
  assert.deepEqual([level("runtime pi"), level("runtime codex")], ["ok", "missing"]);
});

test("after --write the same is told in short, and only --check has a say in the exit code", async () => {
  rmSync(join(home, "src"), { recursive: true });
  const written = await init("--write");
  assert.equal(written.exitCode, 0);
  assert.match(written.stdout, /^missing +directory ~\/src +is not there, and agents start in it; next: mkdir -p /m);
  assert.doesNotMatch(written.stdout, /^ok /m);
  const checked = await init("--write --check");
  assert.equal(checked.exitCode, 1);
  assert.match(checked.stdout, /^ok {7}tmux /m);
});

test("a tmux that is not there, or too old, is missing", async () => {
  await init("--write");
  const tmux = async (env: Record<string, string>) => /^\w+ +tmux.*/m.exec((await init("--check", env)).stdout)?.[0];
  assert.match((await tmux({ PATH: join(home, "run") })) ?? "", /^missing {2}tmux .*sudo apt install tmux$/);
  const old = programs("old", { tmux: "#!/bin/sh\necho tmux 3.1c\n" });
  assert.match((await tmux({ PATH: old })) ?? "", /^missing {2}tmux .*3\.1c is too old: 3\.2 is needed/);
});

test("a roster that is a link elsewhere is kept as that link", async () => {
  mkdirSync(dirname(roster()), { recursive: true });
  writeFileSync(join(home, "dotfile"), "theirs");
  symlinkSync(join(home, "dotfile"), roster());
  assert.equal((await init("--write --force")).exitCode, 0);
  assert.equal(readFileSync(join(home, "dotfile"), "utf8"), "theirs");
  assert.equal(readFileSync(roster(), "utf8"), example("minimal"));
});

test("the roster of a folder's own fleet has a tmux socket of its own, and is the example else", async () => {
  for (const profile of ["minimal", "local-canary"]) {
    const { stdout } = await init(`--project-state --profile ${profile}`);
    const { socketName } = parseRoster(stdout, { file: profile, defaultTenant: "t", defaultHost: "h" });
    assert.match(socketName, /^mosaic-ada-[0-9a-f]{8}$/);
    const others = (text: string) => text.split("\n").filter((line) => !line.includes("socket_name"));
    assert.deepEqual(others(stdout), others(example(profile)));
  }
});
