import type { TestFileResult } from "./run-test-file.ts";

/** More than so many files that fail are no accident of a busy machine. */
const MAX_FILES = 3;
/** What these look for is rare by its nature: a promise that broke once is broken. */
const ONCE_ONLY = /^test\/(conformance|faults|simulation|agents\/delivery|mesh\/(kill-sends|hostile-|identity|fuzz))/;
const UNIT = /^(packages|framework)\//;
/** Only a test that starts programs, by itself or by these helpers, has a machine to blame. */
const STARTS_PROGRAMS = /"node:child_process"|\/(private-server|user-manager)-for-tests\.ts"/;

/** Tells which files that failed may run once more, alone: those that drive whole programs, when few of them failed.
 *  @param textOf gives the source of a test file */
export function secondTries(results: readonly TestFileResult[], textOf: (path: string) => string): readonly TestFileResult[] {
  const failed = results.filter(({ failures }) => failures.length > 0);
  const isAllowed = ({ path }: TestFileResult) =>
    !ONCE_ONLY.test(path) && (!UNIT.test(path) || STARTS_PROGRAMS.test(textOf(path)));
  return failed.length <= MAX_FILES && failed.every(isAllowed) ? failed : [];
}
