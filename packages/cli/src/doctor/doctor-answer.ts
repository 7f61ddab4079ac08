import { EXIT_CODES } from "@mosaic/core/light";
import type { Severity } from "./check.ts";
import type { FixOutcome } from "./fix-findings.ts";
import type { CheckedFinding } from "./run-checks.ts";

/** What `doctor --json` prints. The names of its fields are a contract; see doctor.test.ts. */
export interface DoctorAnswer {
  readonly schema: "mosaic.doctor/1";
  /** True when everything could be looked at. */
  readonly complete: boolean;
  /** True when nothing is `bad`. */
  readonly healthy: boolean;
  readonly home: string;
  readonly items: readonly DoctorItem[];
  /** What `--fix` did, in order. */
  readonly fixes: readonly FixOutcome[];
}

/** One thing that was found. */
export interface DoctorItem {
  readonly check: string;
  readonly severity: Severity;
  readonly what: string;
  readonly why: string;
  readonly found: string;
  /** What to type next; empty: nothing. */
  readonly next: string;
  /** What `--fix` would do; null: nothing. */
  readonly fix: string | null;
  /** The heading in docs/runbook.md that says more. */
  readonly runbook: string;
}

/** Puts what was found into the form of the answer. */
export function toDoctorAnswer(home: string, found: readonly CheckedFinding[], fixes: readonly FixOutcome[] = []): DoctorAnswer {
  const items = found.map(({ check, finding }): DoctorItem => {
    const { severity, found: text, next, fix, runbook = check.runbook } = finding;
    return { check: check.id, severity, what: check.what, why: check.why, found: text, next, fix: fix?.does ?? null, runbook };
  });
  const complete = items.every(({ severity }) => severity !== "unknown");
  return { schema: "mosaic.doctor/1", complete, healthy: items.every(({ severity }) => severity !== "bad"), home, items, fixes };
}

/** 1 when something is bad, 3 when something could not be looked at, else 0. */
export function doctorExitCode({ healthy, complete }: Pick<DoctorAnswer, "healthy" | "complete">): number {
  if (!healthy) return EXIT_CODES.failed;
  return complete ? EXIT_CODES.ok : EXIT_CODES.partial;
}
