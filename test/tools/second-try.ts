import type { TestFileResult } from "./run-test-file.ts";

/** More than so many files that fail are no accident of a busy machine. */
const MAX_FILES = 2;
/** What these look for is rare by its nature: a promise that broke once is broken. Unit tests have no machine to blame. */
const ONCE_ONLY =
  /^(packages|framework)\/|^test\/(conformance|faults|simulation|agents\/delivery|mesh\/(kill-sends|hostile-|identity|fuzz))/;

/** Tells which files that failed may run once more, alone: those that drive whole programs, when few of them failed. */
export function secondTries(results: readonly TestFileResult[]): readonly TestFileResult[] {
  const failed = results.filter(({ failures }) => failures.length > 0);
  return failed.length <= MAX_FILES && failed.every(({ path }) => !ONCE_ONLY.test(path)) ? failed : [];
}
