/** Runs the project's tests (`npm test`): `[--unit] [--second-try] [--name <pattern>] [part of a path…]`. With CI=true a skip
 *  that test/skips.allowed.json doesn't name is a failure. Exit 0: all that ran passed, and something ran; with `--second-try`
 *  the few files of secondTries may fail once, and are named. `--root` and the limits of time are for its own tests. */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { runTestFile, type TestFileOptions, type TestFileResult } from "./run-test-file.ts";
import { secondTries } from "./second-try.ts";
import { judgeSkips, readAllowedSkips } from "./skip-list.ts";
import { planTests, type TestPlan } from "./test-files.ts";
import { formatEnd, formatFailures, formatFileLine, formatFolders, outcomeOf } from "./test-report.ts";

/** Tests of programs look at what the whole machine does in time: on few processors they would disturb each other. */
const processTestsAtOnce = availableParallelism() >= 4 ? 2 : 1;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      unit: { type: "boolean", default: false },
      "second-try": { type: "boolean", default: false },
      name: { type: "string", multiple: true, default: [] },
      root: { type: "string", default: join(import.meta.dirname, "../..") },
      "test-timeout-ms": { type: "string", default: "120000" },
      "file-timeout-ms": { type: "string", default: "600000" },
    },
  });
  const root = resolve(values.root);
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());
  forgetSurroundings();
  keepCompiled(root);

  const startedAtMs = performance.now();
  const options = {
    root,
    testTimeoutMs: Number(values["test-timeout-ms"]),
    fileTimeoutMs: Number(values["file-timeout-ms"]),
    namePatterns: values.name,
    signal: stop.signal,
  };
  const first = await runPlan(planTests(root, positionals, values.unit), options);
  const results = values["second-try"] ? await tryAgain(first, options) : first;
  const isWhole = !values.unit && positionals.length === 0 && values.name.length === 0;
  const problems = findProblems(results, isWhole, root);
  for (const problem of problems) say(`FAILED ${problem}`);
  say(formatEnd(results, performance.now() - startedAtMs));
  if (stop.signal.aborted) return 130;
  return problems.length === 0 && results.every((result) => outcomeOf(result).failed === 0) ? 0 : 1;
}

/** Lets each test file find the code compiled, types taken away, that the one before it compiled: a fifth of the time of all. */
function keepCompiled(root: string): void {
  process.env.NODE_COMPILE_CACHE ??= join(root, ".cache/compiled");
}

/** Takes away what would make a test see the fleet, or the terminal, of the person who runs it. */
function forgetSurroundings(): void {
  for (const name of Object.keys(process.env)) {
    if (/^(MOSAIC_(?!TEST_)|TMUX)/.test(name)) delete process.env[name];
  }
}

async function runPlan(plan: TestPlan, options: TestFileOptions): Promise<TestFileResult[]> {
  const patient = runFiles(plan.patient, 1, options, tell);
  const unit = await runFiles(plan.unit, availableParallelism(), options, (result) => {
    if (result.failures.length > 0) say(formatFileLine(result) + formatFailures(result));
  });
  if (unit.length > 0) say(formatFolders(unit));
  const process = await runFiles(plan.process, processTestsAtOnce, options, tell);
  return [...unit, ...process, ...(await patient)];
}

/** Runs the files of secondTries alone, one after the other, and puts what came of it in the place of their first run. */
async function tryAgain(first: readonly TestFileResult[], options: TestFileOptions): Promise<TestFileResult[]> {
  const textOf = (path: string) => readFileSync(join(options.root, path), "utf8");
  const again = secondTries(first, textOf).map(({ path }) => path);
  for (const path of again) say(`once more, alone: ${path}`);
  const second = await runFiles(again, 1, options, tell);
  for (const { path, failures } of second) {
    if (failures.length === 0) say(`UNSTEADY ${path}: it failed beside the others, and passed alone`);
  }
  return [...first.filter(({ path }) => !again.includes(path)), ...second];
}

function tell(result: TestFileResult): void {
  say(`${formatFileLine(result)}${formatFailures(result)}`);
}

async function runFiles(
  paths: readonly string[],
  atOnce: number,
  options: TestFileOptions,
  onResult: (result: TestFileResult) => void,
) {
  const results: TestFileResult[] = [];
  const waiting = paths.values();
  const worker = async () => {
    for (const path of waiting) {
      if (options.signal.aborted) return;
      const result = await runTestFile(path, options);
      results.push(result);
      onResult(result);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results.sort((a, b) => a.path.localeCompare(b.path, "en"));
}

function findProblems(results: readonly TestFileResult[], isWhole: boolean, root: string): string[] {
  const tests = results.flatMap((result) => result.tests.map((test) => test.id));
  if (tests.length === 0) return ["no test ran"];
  if (process.env.CI !== "true") return [];
  const skips = results.flatMap((result) => result.skips);
  const known = new Set([...tests, ...skips.map((skip) => skip.id)]);
  const allowed = readAllowedSkips(join(root, "test/skips.allowed.json"));
  // A narrowed run sees only some tests, so it can't tell that an allowed one is gone.
  return judgeSkips(skips, isWhole ? allowed : allowed.filter((entry) => known.has(entry.test)), known);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

process.exitCode = await main().catch((error: Error) => {
  say(`FAILED ${error.message}`);
  return 1;
});
