import type { Baseline, BaselineCheck } from "./baseline.ts";
import { judgeCheck, textOf } from "./judge-check.ts";

/** What is found now: a baseline as it would be written, and the parts of it that could not be looked at. */
export interface Evidence {
  readonly checks: Baseline;
  /** Why a part could not be looked at, by what its checks begin with: `doctor` for `doctor.failing`. */
  readonly unknown: Readonly<Record<string, string>>;
  /** Why a part has nothing to be compared now, which is a fault only where it had something then. */
  readonly none: Readonly<Record<string, string>>;
}

/** One line of the comparison. */
export interface GateLine {
  readonly check: string;
  /** `missing`: it was there then, and is not now. `unknown`: it could not be looked at. `new`: the baseline does not know it. */
  readonly outcome: "same" | "better" | "worse" | "missing" | "unknown" | "new";
  /** What is different, or why it is not known. */
  readonly detail: string;
  /** Whether it keeps the gate shut. */
  readonly fails: boolean;
  /** What to type next; empty: nothing. */
  readonly next: string;
}

/** Compares what is found now with a baseline, line by line in the order of their names.
 *  @param allowed checks, or parts, that may be unknown
 *  @param nextFor what to type about a check that fails */
export function compare(
  golden: Baseline,
  now: Evidence,
  allowed: readonly string[],
  nextFor: (line: Pick<GateLine, "check" | "outcome">) => string,
): readonly GateLine[] {
  const ids = [...new Set([...Object.keys(golden), ...Object.keys(now.checks)])].sort();
  const known = ids.map((check) => lineOf(check, golden[check], now, allowed));
  // A part that neither knows must not pass in silence.
  const silent = Object.keys(now.unknown).filter((part) => !known.some(({ check }) => partOf(check) === part));
  const parts = silent.map((part) => unknownLine(part, now.unknown[part] ?? "", allowed));
  return [...known, ...parts].map((line) => ({ ...line, next: line.fails ? nextFor(line) : "" }));
}

/** The part of the evidence that a check belongs to. */
function partOf(check: string): string {
  return /^[^.:]+/.exec(check)?.[0] ?? check;
}

function lineOf(
  check: string,
  golden: BaselineCheck | undefined,
  { checks, unknown, none }: Evidence,
  allowed: readonly string[],
): Omit<GateLine, "next"> {
  const found = checks[check];
  if (golden === undefined) return { check, outcome: "new", detail: found ? textOf(found.value) : "", fails: false };
  if (found !== undefined) {
    const { outcome, detail } = judgeCheck(golden, found.value);
    return { check, outcome, detail, fails: outcome === "worse" };
  }
  const why = unknown[partOf(check)] ?? none[partOf(check)];
  if (why !== undefined) return unknownLine(check, why, allowed);
  return { check, outcome: "missing", detail: `it was ${textOf(golden.value)}`, fails: true };
}

function unknownLine(check: string, detail: string, allowed: readonly string[]): Omit<GateLine, "next"> {
  return { check, outcome: "unknown", detail, fails: !allowed.includes(check) && !allowed.includes(partOf(check)) };
}
