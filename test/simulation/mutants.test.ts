/** Negative controls: our own code, changed in one place each, must be caught by the simulation (docs/reliability.md). */
import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { test } from "node:test";
import { applyPatch } from "./module-hooks.ts";
import { MUTANTS, type Mutant } from "./mutants.ts";
import type { SeedReport } from "./seed-job.ts";
import { runJob } from "./start-jobs.ts";

/** Seeds that a mutant gets to be caught in: a twentieth of what each run of the simulation has. */
const SEEDS = 500;

test("each mutant has a name of its own and a checker that should see it", () => {
  assert.ok(MUTANTS.length >= 8);
  assert.equal(new Set(MUTANTS.map(({ name }) => name)).size, MUTANTS.length);
  assert.ok(MUTANTS.every(({ caughtBy }) => caughtBy.length > 0));
});

test("a mutant whose place is not in the source any more is an error", () => {
  const patch = { file: "a.ts", find: "one", replace: "two" };
  assert.equal(applyPatch("one step", patch), "two step");
  assert.throws(() => applyPatch("no step", patch), /a.ts: the text to change is there 0 times: one/);
  assert.throws(() => applyPatch("one by one", patch), /2 times/);
});

test(`every mutant is caught within ${SEEDS} seeds`, { timeout: 580_000 }, async ({ signal }) => {
  const waiting = MUTANTS.values();
  const caught: string[] = [];
  const missed: string[] = [];
  const work = async () => {
    for (const mutant of waiting) {
      const report = await runMutant(mutant, signal);
      const [failure] = report.failures;
      const first = failure?.found[0];
      const isRight = first !== undefined && mutant.caughtBy.includes(first.checker);
      const line = first
        ? `${first.checker} at seed ${failure?.seed}: ${mutant.name}: ${first.what.split("\n")[0]}`
        : `${mutant.name}: not in ${report.seeds} seeds`;
      (isRight ? caught : missed).push(line);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  process.stdout.write(`${caught.length} of ${MUTANTS.length} mutants caught\n${caught.sort().join("\n")}\n`);
  assert.deepEqual(missed, [], `${caught.length} of ${MUTANTS.length} mutants caught`);
});

function runMutant({ name }: Mutant, signal: AbortSignal): Promise<SeedReport> {
  return runJob({ firstSeed: 1, stride: 1, lastSeed: SEEDS, mutant: name, isOneEnough: true, timeoutMs: 120_000 }, signal);
}
