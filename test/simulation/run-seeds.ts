/** Runs the seeds of one job (its argument, as JSON) and prints what they showed as one line of JSON. */
import { installModuleHooks } from "./module-hooks.ts";
import { findMutant } from "./mutants.ts";
import type { SeedJob, SeedReport } from "./seed-job.ts";

const job = JSON.parse(process.argv[2] ?? "") as SeedJob;
installModuleHooks(job.mutant === undefined ? [] : [findMutant(job.mutant)]);
const { runSeed } = await import("./run-seed.ts");
// Every signal that aborts makes an error with a stack, which nobody reads here.
if (!job.isHistoryKept) Error.stackTraceLimit = 0;

// What nobody waits for may fail as well; it belongs to the seed that runs.
const strays: string[] = [];
process.on("unhandledRejection", (reason) => strays.push(String(reason)));

const failures: SeedReport["failures"][number][] = [];
const looks = { C1: 0, C2: 0, C3: 0, C5: 0, C7: 0 };
const hashes: Record<string, string> = {};
let [seeds, answers, events, frames, slowestConvergenceMs] = [0, 0, 0, 0, 0];
let history: readonly string[] = [];
const startedAtMs = performance.now();
for (let seed = job.firstSeed; seed <= job.lastSeed; seed += job.stride) {
  if (performance.now() - startedAtMs > job.timeoutMs) break;
  const result = await runSeed(seed, { isHistoryKept: job.isHistoryKept ?? false });
  seeds += 1;
  answers += result.counts.answers;
  events += result.counts.events;
  frames += result.counts.frames;
  slowestConvergenceMs = Math.max(slowestConvergenceMs, result.convergedMs);
  for (const checker of ["C1", "C2", "C3", "C5", "C7"] as const) looks[checker] += result.looks[checker];
  if (job.isHistoryKept) hashes[seed] = result.hash;
  history = result.history;
  const stray = strays.splice(0).map((what) => ({ checker: "C7" as const, atMs: 0, what: `nobody handled: ${what}` }));
  const found = [...result.found, ...stray];
  if (found.length > 0) failures.push({ seed, found });
  if (failures.length > 0 && job.isOneEnough) break;
}
const report: SeedReport = { seeds, failures, looks, answers, events, frames, slowestConvergenceMs, hashes, history };
// Worlds that were left behind may keep the process alive; all of the report must be out before its end.
process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0));
