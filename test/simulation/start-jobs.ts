import { spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { joinReports, type SeedJob, type SeedReport } from "./seed-job.ts";

/** Runs one job in a process of its own.
 *  @throws Error when the process fails, with what it said */
export async function runJob(job: SeedJob, signal: AbortSignal): Promise<SeedReport> {
  const program = join(import.meta.dirname, "run-seeds.ts");
  const child = spawn(process.execPath, [program, JSON.stringify(job)], { stdio: ["ignore", "pipe", "pipe"], signal });
  const ended = once(child, "close");
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  const line = out.trim().split("\n").at(-1) ?? "";
  if (!line.startsWith("{")) throw new Error(`the seeds from ${job.firstSeed} on could not be run: ${err.trim() || "no report"}`);
  return JSON.parse(line) as SeedReport;
}

/** Runs seeds 1 to `seeds` in as many processes as there are processors. */
export async function runSeeds(seeds: number, timeoutMs: number, signal: AbortSignal): Promise<SeedReport> {
  const workers = Math.max(1, Math.min(availableParallelism(), seeds));
  const jobs = Array.from({ length: workers }, (_, index) => ({
    firstSeed: index + 1,
    stride: workers,
    lastSeed: seeds,
    timeoutMs,
  }));
  return joinReports(await Promise.all(jobs.map((job) => runJob(job, signal))));
}
