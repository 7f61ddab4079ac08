import { globSync } from "node:fs";

/** The tests to run, by path relative to the root of the clone, sorted. */
export interface TestPlan {
  /** Tests beside the code they test: quick, and run many at a time. */
  readonly unit: readonly string[];
  /** Tests below `test/`: start programs, and need the machine to themselves. */
  readonly process: readonly string[];
  /** Those of them that mostly wait, for a model, a network, a boot or a database: they run beside the others. */
  readonly patient: readonly string[];
}

const unitPatterns = ["packages/*/src/**/*.test.ts", "framework/**/*.test.ts"];
const processPatterns = ["test/**/*.test.ts"];
const PATIENT = /^test\/(agents|discovery|faults|lab|postgres)\//;

/** Finds the tests of a clone.
 *  @param narrowTo files, folders, or any part of a path; a test is taken when it fits one of them. None: all tests.
 *  @throws Error when an entry of `narrowTo` fits no test: a misspelt path must not look like a pass. */
export function planTests(root: string, narrowTo: readonly string[], isUnitOnly: boolean): TestPlan {
  const unit = findFiles(root, unitPatterns);
  const process = isUnitOnly ? [] : findFiles(root, processPatterns);
  const parts = narrowTo.map((part) => part.replace(/^\.\//, ""));
  for (const part of parts) {
    if (![...unit, ...process].some((path) => path.includes(part))) throw new Error(`no test file fits "${part}"`);
  }
  const isWanted = (path: string) => parts.length === 0 || parts.some((part) => path.includes(part));
  const wanted = process.filter(isWanted);
  return {
    unit: unit.filter(isWanted),
    process: wanted.filter((path) => !PATIENT.test(path)),
    patient: wanted.filter((path) => PATIENT.test(path)),
  };
}

function findFiles(root: string, patterns: readonly string[]): string[] {
  return globSync([...patterns], { cwd: root, exclude: ["**/node_modules/**", "**/dist/**"] }).sort();
}
