import type { TestFileResult } from "./run-test-file.ts";

const slowestShown = 5;

/** Says how one file went, in one line. */
export function formatFileLine(result: TestFileResult): string {
  const sign = result.failures.length > 0 ? "FAIL" : "ok  ";
  return `${sign} ${result.path}  ${formatOutcome(outcomeOf(result))}  ${formatMs(result.durationMs)}`;
}

/** Says in full what failed in one file, with what it printed; empty when nothing did. */
export function formatFailures(result: TestFileResult): string {
  if (result.failures.length === 0) return "";
  const failures = result.failures.map(({ id, problem }) => `\nFAILED ${id}\n${indent(problem)}`);
  const output = result.output.trim() === "" ? [] : [`\nprinted by ${result.path}:\n${indent(result.output.trimEnd())}`];
  return [...failures, ...output, ""].join("\n");
}

/** Sums files by folder (`packages/core`, `test/mesh`), a line each. */
export function formatFolders(results: readonly TestFileResult[]): string {
  const folders = Map.groupBy(results, (result) => result.path.split("/").slice(0, 2).join("/"));
  return [...folders]
    .map(([folder, members]) => {
      const ms = members.reduce((sum, member) => sum + member.durationMs, 0);
      return `  ${folder.padEnd(24)} ${String(members.length).padStart(4)} files  ${formatOutcome(sumOutcomes(members))}  ${formatMs(ms)}`;
    })
    .join("\n");
}

/** Ends the report: slowest tests, every skip with its reason, node:test's own totals, and the sum on the last line, which
 *  also counts a file that broke as failed and a suite that was skipped as skipped. */
export function formatEnd(results: readonly TestFileResult[], durationMs: number): string {
  const tests = results.flatMap((result) => result.tests).sort((a, b) => b.durationMs - a.durationMs);
  const skips = results.flatMap((result) => result.skips);
  return [
    "slowest:",
    ...tests.slice(0, slowestShown).map((test) => `  ${formatMs(test.durationMs).padStart(8)}  ${test.id}`),
    ...(skips.length > 0 ? ["skipped:", ...skips.map((skip) => `  ${skip.id}: ${skip.reason}`)] : []),
    ...formatNodeTotals(results),
    `duration_ms ${Math.round(durationMs)}`,
    formatOutcome(sumOutcomes(results)),
  ].join("\n");
}

interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Counts a file's tests as a person would: what broke the file itself is a failure too. */
export function outcomeOf(result: TestFileResult): Outcome {
  const { passed, failed, cancelled } = result.counts;
  return { passed, failed: Math.max(failed + cancelled, result.failures.length), skipped: result.skips.length };
}

function sumOutcomes(results: readonly TestFileResult[]): Outcome {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const { passed, failed, skipped } of results.map(outcomeOf)) {
    sum.passed += passed;
    sum.failed += failed;
    sum.skipped += skipped;
  }
  return sum;
}

function formatOutcome({ passed, failed, skipped }: Outcome): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** Adds up node:test's own counts, under the names it prints. */
function formatNodeTotals(results: readonly TestFileResult[]): string[] {
  const names = {
    tests: "tests",
    suites: "suites",
    pass: "passed",
    fail: "failed",
    cancelled: "cancelled",
    skipped: "skipped",
    todo: "todo",
  } as const;
  return Object.entries(names).map(([label, name]) => `${label} ${results.reduce((sum, { counts }) => sum + counts[name], 0)}`);
}

function formatMs(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, "  ");
}
