import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { runCli } from "../../cli.ts";
import type { DoctorAnswer } from "../../doctor/doctor-answer.ts";
import { memoryIo } from "../../io/memory-io.ts";
import { memoryRemote } from "../../remote/memory-remote.ts";

async function home(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "mosaic-doctor-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, "fleet/run"), { recursive: true });
  for (const each of [folder, join(folder, "fleet/run")]) await chmod(each, 0o700);
  return folder;
}

async function doctor(folder: string, line: string) {
  const io = memoryIo({ env: { LANG: "C.UTF-8" } });
  const argv = ["doctor", "--mosaic-home", folder, ...line.split(" ").filter(Boolean)];
  const exitCode = await runCli(argv, io, { deps: { remote: memoryRemote({}) } });
  return { exitCode, stdout: io.stdout.text, stderr: io.stderr.text };
}

test("what is amiss is told with why it matters, what to type and where to read more", async (context) => {
  const folder = await home(context);
  const { exitCode, stdout } = await doctor(folder, "--only roster,locale");
  assert.equal(exitCode, 1);
  assert.equal(
    stdout,
    `bad      roster: there is none at ${folder}/fleet/roster.yaml
         why   nothing is started that it does not name, and a bad one is not taken over
         next  mosaic fleet init --profile minimal --write
         more  docs/runbook.md, ROSTER_INVALID

1 bad, 1 in order.
`,
  );
  assert.match((await doctor(folder, "--only locale --all")).stdout, /^ok {7}locale: LANG=C\.UTF-8\n\n1 in order\.\n$/);
});

test("--fix mends what can't do harm, tells each, and has it on record before it is done", async (context) => {
  const folder = await home(context);
  const run = join(folder, "fleet/run");
  await chmod(run, 0o777);
  await writeFile(join(run, "node.json"), JSON.stringify({ role: "node", pid: 2 ** 30, endpoints: [] }));
  assert.equal((await doctor(folder, "--only run-directory,left-behind")).exitCode, 1);
  const { exitCode, stdout, stderr } = await doctor(folder, "--only run-directory,left-behind --fix");
  assert.deepEqual([exitCode, stdout], [0, "2 in order.\n"]);
  assert.equal(stderr, `fixed run-directory: chmod 700 ${run}\nfixed left-behind: rm ${run}/node.json\n`);
  assert.equal((await stat(run)).mode & 0o777, 0o700);
  const records = (await readFile(join(folder, "fleet/audit.jsonl"), "utf8")).trim().split("\n");
  const facts = records
    .map((line) => JSON.parse(line) as { action: string; facts: { check: string } })
    .map((each) => [each.action, each.facts.check]);
  assert.deepEqual(facts, [
    ["doctor.fix", "run-directory"],
    ["doctor.fix", "left-behind"],
  ]);
});

test("a check that there is not is refused, with near ones", async (context) => {
  const { exitCode, stderr } = await doctor(await home(context), "--only lingerin");
  assert.equal(exitCode, 2);
  assert.match(stderr, /the doctor has no check "lingerin"\nhint: did you mean lingering\?/);
});

test("the fields of mosaic.doctor/1", async (context) => {
  const { stdout } = await doctor(await home(context), "--json --only roster,home");
  const answer = JSON.parse(stdout) as DoctorAnswer;
  assert.deepEqual(Object.keys(answer), ["schema", "complete", "healthy", "home", "items", "fixes"]);
  assert.deepEqual(Object.keys(answer.items[0] ?? {}).join(" "), "check severity what why found next fix runbook");
  assert.deepEqual(
    [answer.schema, answer.healthy, answer.items.map(({ check }) => check)],
    ["mosaic.doctor/1", false, ["home", "roster"]],
  );
});
