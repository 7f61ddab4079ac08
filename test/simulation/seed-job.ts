import type { Finding, Findings } from "./findings.ts";

/** Seeds that one process runs. */
export interface SeedJob {
  readonly firstSeed: number;
  /** Every how manieth seed is this process's. */
  readonly stride: number;
  /** The last seed that may be its. */
  readonly lastSeed: number;
  /** Name of the mutant of our own code to run. Undefined: the code as it is. */
  readonly mutant?: string | undefined;
  /** End with the first seed that finds something. */
  readonly isOneEnough?: boolean;
  /** Keep what happened in each run: slow. */
  readonly isHistoryKept?: boolean;
  /** Stop after this time, in ms. */
  readonly timeoutMs: number;
}

/** What its runs showed, all together. */
export interface SeedReport {
  readonly seeds: number;
  readonly failures: readonly { readonly seed: number; readonly found: readonly Finding[] }[];
  readonly looks: Findings["looks"];
  readonly answers: number;
  readonly events: number;
  readonly frames: number;
  /** Longest time until all was shown as it is once all was well, in ms of the world. */
  readonly slowestConvergenceMs: number;
  /** Of the histories, by seed; only where they were kept. */
  readonly hashes: Readonly<Record<string, string>>;
  /** What happened, line by line; only of a job of one seed whose history was kept. */
  readonly history: readonly string[];
}

/** Puts the reports of several processes together. */
export function joinReports(reports: readonly SeedReport[]): SeedReport {
  const sum = (of: (report: SeedReport) => number) => reports.reduce((total, report) => total + of(report), 0);
  return {
    seeds: sum((report) => report.seeds),
    failures: reports.flatMap((report) => report.failures).sort((a, b) => a.seed - b.seed),
    looks: {
      C1: sum((report) => report.looks.C1),
      C2: sum((report) => report.looks.C2),
      C3: sum((report) => report.looks.C3),
      C5: sum((report) => report.looks.C5),
      C7: sum((report) => report.looks.C7),
    },
    answers: sum((report) => report.answers),
    events: sum((report) => report.events),
    frames: sum((report) => report.frames),
    slowestConvergenceMs: Math.max(0, ...reports.map((report) => report.slowestConvergenceMs)),
    hashes: Object.assign({}, ...reports.map((report) => report.hashes)),
    history: reports.flatMap((report) => report.history),
  };
}
