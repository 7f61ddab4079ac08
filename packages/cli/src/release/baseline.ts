import { MosaicError } from "@mosaic/core/light";

/** What was found of one thing: a number, a word, or names in order. */
export type Found = number | string | readonly string[];

/** How what is found now is compared with what was found then.
 *  - `same`: it must be equal.
 *  - `known`: it must be there; another value is told and is no fault (versions).
 *  - `keeps`: names; none may be gone, more are fine.
 *  - `no-more`: names of troubles; none may come, fewer are better.
 *  - `ranked`: a word of `best_first`; none that stands further back.
 *  - `at-most`, `at-least`: a number; see `tolerance`. */
export type Rule = "same" | "known" | "keeps" | "no-more" | "ranked" | "at-most" | "at-least";

/** One line of a baseline. Rule, tolerance and ranks may be edited by hand: writing the baseline anew keeps them. */
export interface BaselineCheck {
  readonly value: Found;
  readonly rule: Rule;
  /** How much worse it may be and still count as the same: of `at-most` and `at-least` the part of the value (0.1 is 10 %), of `keeps` and
   *  `no-more` a number of names. Absent: nothing. */
  readonly tolerance?: number;
  /** The words of `ranked`, the best first. */
  readonly best_first?: readonly string[];
}

/** A golden baseline: what was found when all was well, by the name of the check. */
export type Baseline = Readonly<Record<string, BaselineCheck>>;

const SCHEMA = "mosaic.release.baseline/1";
const RULES: readonly string[] = ["same", "known", "keeps", "no-more", "ranked", "at-most", "at-least"] satisfies Rule[];
/** Longer lines are broken, name by name. */
const MAX_LINE = 110;
const KEYS = ["value", "rule", "tolerance", "best_first"];

/** Writes a baseline as text: keys and names in order, one check a line or, of many names, one name a line, so that two of them can be
 *  compared with diff. It says no time, no path and no address. */
export function baselineText(baseline: Baseline): string {
  const lines = Object.keys(baseline)
    .sort()
    .map((id) => `    ${JSON.stringify(id)}: ${checkText(inOrder(baseline[id] as BaselineCheck))}`);
  return `{\n  "schema": ${JSON.stringify(SCHEMA)},\n  "checks": {\n${lines.join(",\n")}\n  }\n}\n`;
}

/** Reads a baseline.
 *  @param file its name, for errors
 *  @throws MosaicError USAGE naming what is wrong, and where */
export function parseBaseline(text: string, file: string): Baseline {
  const parsed = parseJson(text, file) as { schema?: unknown; checks?: unknown } | null;
  if (parsed?.schema !== SCHEMA || typeof parsed.checks !== "object" || parsed.checks === null) {
    throw refused(file, `it is no ${SCHEMA}`, "write one: mosaic release gate --baseline <file> --write");
  }
  const checks = Object.entries(parsed.checks);
  for (const [id, check] of checks) assertCheck(id, check, file);
  return Object.fromEntries(checks) as Baseline;
}

/** Puts what is found now into a baseline, and keeps from the one before what may have been edited by hand. */
export function renewedBaseline(now: Baseline, before: Baseline | undefined): Baseline {
  const renew = ([id, check]: [string, BaselineCheck]) => {
    const old = before?.[id];
    if (old === undefined) return [id, check] as const;
    const { tolerance: _tolerance, best_first: _ranks, ...rest } = check;
    const { rule, tolerance, best_first } = old;
    const kept = { ...(tolerance === undefined ? {} : { tolerance }), ...(best_first ? { best_first } : {}) };
    return [id, { ...rest, rule, ...kept }] as const;
  };
  return Object.fromEntries(Object.entries(now).map(renew));
}

function checkText(check: BaselineCheck): string {
  const line = JSON.stringify(check);
  return line.length <= MAX_LINE ? line : JSON.stringify(check, null, 2).replaceAll("\n", "\n    ");
}

function inOrder({ value, rule, tolerance, best_first }: BaselineCheck): BaselineCheck {
  const more = { ...(tolerance === undefined ? {} : { tolerance }), ...(best_first ? { best_first } : {}) };
  return { rule, ...more, value: isNames(value) ? value.toSorted() : value };
}

/** Whether what was found is a list of names. */
export function isNames(value: Found): value is readonly string[] {
  return typeof value === "object";
}

function assertCheck(id: string, check: unknown, file: string): void {
  const { value, rule, tolerance, best_first, ...more } = (check ?? {}) as Record<string, unknown>;
  const [stranger] = Object.keys(more);
  const known = `choose from ${KEYS.join(", ")}`;
  if (stranger !== undefined) throw refused(file, `check ${id} has ${JSON.stringify(stranger)}`, known);
  if (typeof rule !== "string" || !RULES.includes(rule)) {
    throw refused(file, `check ${id} has the rule ${JSON.stringify(rule) ?? "(none)"}`, `choose from ${RULES.join(", ")}`);
  }
  const isSound = {
    number: typeof value === "number" && Number.isFinite(value),
    names: Array.isArray(value) && value.every((name) => typeof name === "string"),
    text: typeof value === "string",
  };
  const wanted = rule === "keeps" || rule === "no-more" ? "names" : rule.startsWith("at-") ? "number" : undefined;
  const isFit = wanted === undefined ? Object.values(isSound).includes(true) : isSound[wanted];
  if (!isFit) throw refused(file, `check ${id}: its value does not fit the rule ${rule}`, "write it anew with --write");
  if (tolerance !== undefined && !(typeof tolerance === "number" && tolerance >= 0)) {
    throw refused(file, `check ${id}: its tolerance is ${JSON.stringify(tolerance)}`, "write a number from 0 on, 0.1 for 10 %");
  }
  if (rule === "ranked" && !(Array.isArray(best_first) && best_first.includes(value))) {
    throw refused(file, `check ${id}: its value is not among its best_first`, "name every word there, the best first");
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refused(file, cause instanceof Error ? cause.message : String(cause), "mend it, or write it anew with --write", cause);
  }
}

function refused(file: string, why: string, hint: string, cause?: unknown): MosaicError {
  return new MosaicError("USAGE", `cannot use the baseline ${file}: ${why}`, { hint, cause });
}
