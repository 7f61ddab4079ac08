/** The federation under faults, seed by seed, in simulated time (docs/reliability.md). `MOSAIC_TEST_SIM_SEEDS` sets how many seeds,
 *  `MOSAIC_TEST_SIM_SEED` runs one and prints its history. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SeedReport } from "./seed-job.ts";
import { runJob, runSeeds } from "./start-jobs.ts";

const SEEDS = Number(process.env["MOSAIC_TEST_SIM_SEEDS"] ?? 10_000);
const oneSeed = process.env["MOSAIC_TEST_SIM_SEED"];
/** 10,000 seeds take about a minute on two processors that are free; the rest is for those that are not. */
const LIMIT_MS = Math.max(540_000, SEEDS * 54);
const REPLAY = "MOSAIC_TEST_SIM_SEED=";

if (oneSeed !== undefined) {
  test(`seed ${oneSeed} shows nothing that must not be`, { timeout: 120_000 }, async ({ signal }) => {
    const seed = Number(oneSeed);
    const job = { firstSeed: seed, stride: 1, lastSeed: seed, timeoutMs: 60_000, isHistoryKept: true };
    const report = await runJob(job, signal);
    process.stdout.write(`${report.history.join("\n")}\n`);
    assertNothingFound(report);
  });
} else {
  test("the same seed goes the same way, alone or among others", { timeout: 240_000 }, async ({ signal }) => {
    const job = { stride: 1, timeoutMs: 110_000, isHistoryKept: true };
    const [all, again, alone] = await Promise.all([
      runJob({ ...job, firstSeed: 1, lastSeed: 40 }, signal),
      runJob({ ...job, firstSeed: 1, lastSeed: 40 }, signal),
      runJob({ ...job, firstSeed: 33, lastSeed: 33 }, signal),
    ]);
    assert.equal(Object.keys(all.hashes).length, 40);
    assert.equal(new Set(Object.values(all.hashes)).size, 40, "every seed has a history of its own");
    assert.deepEqual(again.hashes, all.hashes);
    assert.equal(alone.hashes["33"], all.hashes["33"]);
    assert.ok(alone.history.length > 50, "a history tells what happened");
  });

  test(`${SEEDS} seeds of faults show nothing that must not be`, { timeout: LIMIT_MS + 30_000 }, async ({ signal }) => {
    const startedAtMs = performance.now();
    const report = await runSeeds(SEEDS, LIMIT_MS, signal);
    const { failures, hashes: _hashes, history: _history, ...figures } = report;
    const seconds = Math.round((performance.now() - startedAtMs) / 1000);
    process.stdout.write(`${JSON.stringify({ ...figures, failed: failures.length, seconds })}\n`);
    assertNothingFound(report);
    assert.equal(report.seeds, SEEDS, `only ${report.seeds} of ${SEEDS} seeds were run in ${seconds} s`);
    assertEveryCheckerLooked(report);
  });
}

function assertNothingFound({ failures }: SeedReport): void {
  const told = failures.slice(0, 10).map(({ seed, found }) => {
    const what = found.map(({ checker, atMs, what: text }) => `  ${checker} at ${atMs} ms: ${text}`).join("\n");
    return `seed ${seed}:\n${what}\n  replay: ${REPLAY}${seed} npm test -- test/simulation/simulation.test.ts`;
  });
  assert.equal(failures.length, 0, `${failures.length} seeds failed\n${told.join("\n")}`);
}

// A checker that looked at nothing has shown nothing.
function assertEveryCheckerLooked({ looks, seeds, answers, frames }: SeedReport): void {
  for (const [checker, count] of Object.entries(looks))
    assert.ok(count >= seeds, `${checker} looked ${count} times in ${seeds} seeds`);
  assert.ok(answers >= 10 * seeds && frames >= 30 * seeds, `${answers} answers and ${frames} frames are too few`);
}
