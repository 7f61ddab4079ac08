import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "./temporary-folder.ts";

const runner = join(import.meta.dirname, "run-tests.ts");

interface Ended {
  readonly code: number;
  readonly output: string;
  readonly lastLine: string;
}

/** Runs the runner on a clone of these files. */
async function runOn(
  files: Record<string, string>,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<Ended> {
  using folder = temporaryFolder(files);
  // This test runs under node:test itself, which a runner inside would take for its own.
  const { NODE_TEST_CONTEXT: _context, CI: _ci, ...rest } = process.env;
  return await new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [runner, "--root", folder.path, ...args],
      { env: { ...rest, ...env } },
      (_error, stdout) => {
        resolve({ code: child.exitCode ?? -1, output: stdout, lastLine: stdout.trimEnd().split("\n").at(-1) ?? "" });
      },
    );
  });
}

const head = 'import { describe, test } from "node:test";\n';
const passing = `${head}test("holds", () => {});\n`;

test("a run in which everything passed succeeds, and its last line says how much that was", async () => {
  const { code, output, lastLine } = await runOn({ "packages/a/src/a.test.ts": passing, "test/b.test.ts": passing });
  assert.equal(code, 0, output);
  assert.equal(lastLine, "2 passed, 0 failed, 0 skipped");
  assert.match(output, /^tests 2\nsuites 0\npass 2\nfail 0\ncancelled 0\nskipped 0\ntodo 0\nduration_ms \d+$/m);
});

test("a failure is shown in full with what its file printed, and fails the run", async () => {
  const file = `${head}test("breaks", () => { console.log("on the way"); throw new Error("because"); });\n`;
  const { code, output, lastLine } = await runOn({ "test/a.test.ts": file, "test/b.test.ts": passing });
  assert.equal(code, 1);
  assert.match(output, /FAILED test\/a.test.ts > breaks\n.*Error: because[\s\S]*printed by test\/a.test.ts:\n {2}on the way/);
  assert.equal(lastLine, "1 passed, 1 failed, 0 skipped");
});

/** Fails when it runs for the first time in its folder. */
const unsteady = `${head}import { existsSync, mkdirSync } from "node:fs";
const mark = import.meta.filename + ".seen";
test("settles", () => {
  if (existsSync(mark)) return;
  mkdirSync(mark);
  throw new Error("at first");
});
`;

test("with --second-try a test that starts programs may fail once, and is named", async () => {
  const besideTheCode = `import "node:child_process";\n${unsteady}`;
  const files = {
    "test/mesh/a.test.ts": unsteady,
    "packages/a/src/b.test.ts": besideTheCode,
    "packages/a/src/a.test.ts": passing,
  };
  const { code, output, lastLine } = await runOn(files, ["--second-try"]);
  assert.equal(code, 0, output);
  assert.match(output, /FAILED test\/mesh\/a\.test\.ts > settles[\s\S]*^UNSTEADY test\/mesh\/a\.test\.ts: /m);
  assert.match(output, /^UNSTEADY packages\/a\/src\/b\.test\.ts: /m);
  assert.equal(lastLine, "3 passed, 0 failed, 0 skipped");
});

for (const [what, files] of Object.entries({
  "without --second-try": { args: [], names: ["test/mesh/a.test.ts"] },
  "a unit test": { args: ["--second-try"], names: ["packages/a/src/a.test.ts"] },
  "a promise": { args: ["--second-try"], names: ["test/mesh/kill-sends.test.ts"] },
  "more than three files": { args: ["--second-try"], names: ["a", "b", "c", "d"].map((name) => `test/${name}.test.ts`) },
})) {
  test(`no second try: ${what}`, async () => {
    const { code, output } = await runOn(Object.fromEntries(files.names.map((name) => [name, unsteady])), files.args);
    assert.equal(code, 1);
    assert.doesNotMatch(output, /once more|UNSTEADY/);
  });
}

test("what fails twice with --second-try has failed", async () => {
  const file = `${head}test("breaks", () => { throw new Error("because"); });\n`;
  const { code, lastLine } = await runOn({ "test/a.test.ts": file }, ["--second-try"]);
  assert.equal(code, 1);
  assert.equal(lastLine, "0 passed, 1 failed, 0 skipped");
});

for (const [what, file] of Object.entries({
  "throws while it is loaded": `throw new Error("because");\n`,
  "has no tests": "export {};\n",
  "ends its process before its tests are done": `${head}test("first", () => {});\ntest("ends", () => process.exit(0));\n`,
  "fails after its tests": `${head}import { after } from "node:test";\ntest("holds", () => {});\nafter(() => { throw new Error("because"); });\n`,
  "never ends": `${head}test("holds", () => { setInterval(() => {}, 1000); });\n`,
  "has a test that hangs": `${head}test("hangs", () => new Promise(() => { setTimeout(() => {}, 1500); }));\n`,
})) {
  test(`a file that ${what} fails the run`, async () => {
    const limits = ["--test-timeout-ms", "1000", "--file-timeout-ms", "2500"];
    const { code, output, lastLine } = await runOn({ "test/a.test.ts": file, "test/b.test.ts": passing }, limits);
    assert.equal(code, 1, output);
    assert.match(lastLine, /^[12] passed, 1 failed, 0 skipped$/);
  });
}

test("a run without tests fails", async () => {
  const { code, output } = await runOn({});
  assert.equal(code, 1);
  assert.match(output, /FAILED no test ran/);
});

const skipping = `${head}test("a", { skip: "needs root" }, () => {});
describe("b", () => { test("c", (t) => t.skip("no docker")); });
describe("d", { skip: "all of it" }, () => { test("hidden", () => {}); });
test("e", () => {});\n`;

test("every skip is listed with its reason, a skipped suite too, and is no failure on a person's machine", async () => {
  const { code, output, lastLine } = await runOn({ "test/a.test.ts": skipping });
  assert.equal(code, 0, output);
  assert.match(
    output,
    /skipped:\n {2}test\/a.test.ts > a: needs root\n {2}test\/a.test.ts > b > c: no docker\n {2}test\/a.test.ts > d: all of it\n/,
  );
  assert.equal(lastLine, "1 passed, 0 failed, 3 skipped");
});

test("in CI a skip that isn't allowed fails the run, as does an allowance for a test that is gone", async () => {
  const allowed = [
    { test: "test/a.test.ts > a", reason: "there is no root there" },
    { test: "test/a.test.ts > z", reason: "long ago" },
  ];
  const files = { "test/a.test.ts": skipping, "test/skips.allowed.json": JSON.stringify(allowed) };
  const { code, output } = await runOn(files, [], { CI: "true" });
  assert.equal(code, 1);
  assert.match(output, /FAILED skipped, and not in test\/skips.allowed.json: test\/a.test.ts > b > c \(no docker\)/);
  assert.match(output, /FAILED in test\/skips.allowed.json, but there is no such test: test\/a.test.ts > z/);
  assert.doesNotMatch(output, /FAILED.* > a /);
});

test("in CI skips that are allowed are no failure", async () => {
  const allowed = ["a", "b > c", "d"].map((name) => ({ test: `test/a.test.ts > ${name}`, reason: "a fixture" }));
  const files = { "test/a.test.ts": skipping, "test/skips.allowed.json": JSON.stringify(allowed) };
  const { code, output } = await runOn(files, [], { CI: "true" });
  assert.equal(code, 0, output);
});

test("a run is narrowed by path, by name and to unit tests; a path that fits nothing fails", async () => {
  const two = `${head}test("one", () => {});\ntest("two", () => {});\n`;
  const files = { "packages/a/src/a.test.ts": two, "test/b.test.ts": two };
  assert.equal((await runOn(files, ["test/b"])).lastLine, "2 passed, 0 failed, 0 skipped");
  assert.equal((await runOn(files, ["--name", "^one$"])).lastLine, "2 passed, 0 failed, 0 skipped");
  assert.equal((await runOn(files, ["--unit", "--name", "two"])).lastLine, "1 passed, 0 failed, 0 skipped");
  const { code, output } = await runOn(files, ["tset/b"]);
  assert.equal(code, 1);
  assert.match(output, /no test file fits "tset\/b"/);
});

test("tests don't see the fleet or the terminal of the person who runs them", async () => {
  const file = `${head}test("is alone", () => { if (process.env.MOSAIC_HOME || process.env.TMUX) throw new Error("is not"); });\n`;
  assert.equal((await runOn({ "test/a.test.ts": file }, [], { MOSAIC_HOME: "/x", TMUX: "y" })).code, 0);
});
