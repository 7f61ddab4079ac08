/** Holds the project against its tools (`npm run check`): `[--update-baseline] [name of a check…]`. One line for each check
 *  with the files it saw and the time it took; what a tool prints is shown only when it failed. */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { updateBaseline } from "./buf-checks.ts";
import { CHECKERS, type Checker, type CheckResult } from "./checkers.ts";

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { "update-baseline": { type: "boolean", default: false } },
  });
  if (values["update-baseline"]) {
    const { code, output } = await updateBaseline();
    say(code === 0 ? "proto/baseline.binpb is the contract as it stands" : output);
    return code === 0 ? 0 : 1;
  }
  const unknown = positionals.filter((name) => !CHECKERS.some((checker) => checker.name === name));
  if (unknown.length > 0) {
    say(`no such check: ${unknown.join(", ")}\nhint: one of ${CHECKERS.map((checker) => checker.name).join(", ")}`);
    return 2;
  }
  const chosen = CHECKERS.filter((checker) => positionals.length === 0 || positionals.includes(checker.name));
  const failed = await runAll(chosen);
  for (const checker of failed) say(`FAILED ${checker.name}; to repeat or mend: ${checker.repeat}`);
  say(`${chosen.length - failed.length} checks passed, ${failed.length} failed`);
  return failed.length === 0 ? 0 : 1;
}

/** Runs checks side by side, as many as there are processors.
 *  @returns those that failed */
async function runAll(checkers: readonly Checker[]): Promise<Checker[]> {
  const failed: Checker[] = [];
  const waiting = checkers.values();
  const worker = async () => {
    for (const checker of waiting) {
      const startedAtMs = performance.now();
      const result = await checker.run();
      report(checker, result, performance.now() - startedAtMs);
      if (!isPassed(result)) failed.push(checker);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return failed;
}

function isPassed(result: CheckResult): boolean {
  return result.code === 0 && result.files >= (result.atLeast ?? 1);
}

function report({ name }: Checker, result: CheckResult, durationMs: number): void {
  const sign = isPassed(result) ? "ok  " : "FAIL";
  say(`${sign} ${name.padEnd(14)} ${String(result.files).padStart(4)} files  ${(durationMs / 1000).toFixed(1)} s`);
  if (isPassed(result)) return;
  const problem = result.code === 0 ? `it saw ${result.files} files of at least ${result.atLeast ?? 1}` : result.output.trimEnd();
  say(problem.replaceAll(/^(?=.)/gm, "  "));
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

process.exitCode = await main();
