import { type BaselineCheck, type Found, isNames } from "./baseline.ts";

/** What became of one thing since the baseline. */
export interface Judgement {
  readonly outcome: "same" | "better" | "worse";
  /** What is different, by name; empty: nothing. */
  readonly detail: string;
}

/** So many names are told; the others are counted. */
const TOLD_NAMES = 12;

/** Compares what is found now with a line of a baseline, by its rule. A value of another kind than it was is worse. */
export function judgeCheck(golden: BaselineCheck, now: Found): Judgement {
  const { value, tolerance = 0 } = golden;
  switch (golden.rule) {
    case "same":
      return isEqual(value, now) ? same() : worse(`${textOf(value)} became ${textOf(now)}`);
    case "known":
      return same(isEqual(value, now) ? "" : `${textOf(value)} became ${textOf(now)}`);
    case "keeps":
      return isNames(value) && isNames(now) ? judgeKept(value, now, tolerance) : otherKind(value, now);
    case "no-more":
      return isNames(value) && isNames(now) ? judgeTroubles(value, now, tolerance) : otherKind(value, now);
    case "ranked":
      return judgeRank(golden.best_first ?? [], String(value), String(now));
    case "at-most":
      return typeof value === "number" && typeof now === "number" ? judgeNumber(value, now, tolerance) : otherKind(value, now);
    case "at-least":
      return typeof value === "number" && typeof now === "number" ? judgeNumber(-value, -now, tolerance) : otherKind(value, now);
    default:
      return golden.rule satisfies never;
  }
}

/** What was found, in words. */
export function textOf(found: Found): string {
  if (!isNames(found)) return String(found);
  return found.length === 0 ? "none" : namesText(found);
}

function judgeKept(then: readonly string[], now: readonly string[], tolerance: number): Judgement {
  const [gone, come] = [without(then, now), without(now, then)];
  const told = [
    ...(gone.length > 0 ? [`gone: ${namesText(gone)}`] : []),
    ...(come.length > 0 ? [`more: ${namesText(come)}`] : []),
  ];
  if (gone.length > tolerance) return worse(told.join("; "));
  return come.length > 0 && gone.length === 0 ? better(told.join("; ")) : same(told.join("; "));
}

function judgeTroubles(then: readonly string[], now: readonly string[], tolerance: number): Judgement {
  const [gone, come] = [without(then, now), without(now, then)];
  const told = [
    ...(come.length > 0 ? [`come: ${namesText(come)}`] : []),
    ...(gone.length > 0 ? [`gone: ${namesText(gone)}`] : []),
  ];
  if (come.length > tolerance) return worse(told.join("; "));
  return gone.length > 0 && come.length === 0 ? better(told.join("; ")) : same(told.join("; "));
}

function judgeRank(bestFirst: readonly string[], then: string, now: string): Judgement {
  if (then === now) return same();
  const [before, after] = [bestFirst.indexOf(then), bestFirst.indexOf(now)];
  const told = `${then} became ${now}`;
  return after !== -1 && after < before ? better(told) : worse(told);
}

// Less is better; the limit is a part of the value to both sides.
function judgeNumber(then: number, now: number, tolerance: number): Judgement {
  const room = Math.abs(then) * tolerance;
  const change = then === 0 ? "" : ` (${now > then === then > 0 ? "+" : "-"}${Math.abs(Math.round((now / then - 1) * 100))} %)`;
  const told = then === now ? "" : `${Math.abs(then)} became ${Math.abs(now)}${change}`;
  if (now > then + room) return worse(told);
  return now < then - room ? better(told) : same(told);
}

function otherKind(then: Found, now: Found): Judgement {
  return worse(`${textOf(then)} became ${textOf(now)}, which is something else`);
}

function isEqual(a: Found, b: Found): boolean {
  return isNames(a) && isNames(b) ? without(a, b).length + without(b, a).length === 0 : a === b;
}

function without(names: readonly string[], others: readonly string[]): readonly string[] {
  const known = new Set(others);
  return names.filter((name) => !known.has(name)).toSorted();
}

function namesText(names: readonly string[]): string {
  const more = names.length > TOLD_NAMES ? `, and ${names.length - TOLD_NAMES} more` : "";
  return `${names.slice(0, TOLD_NAMES).join(", ")}${more}`;
}

function same(detail = ""): Judgement {
  return { outcome: "same", detail };
}

function better(detail: string): Judgement {
  return { outcome: "better", detail };
}

function worse(detail: string): Judgement {
  return { outcome: "worse", detail };
}
