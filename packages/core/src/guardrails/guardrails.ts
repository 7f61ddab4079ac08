/** What a rule does with a text in which it finds something. */
export type GuardMode = "observe" | "redact" | "block";

export const GUARD_MODES: readonly GuardMode[] = ["observe", "redact", "block"];

/** Some part of a text, in UTF-16 units; `end` is behind it. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** Finds what a rule is about. @returns at most {@link MAX_FINDS} places, in any order, which may overlap */
export type Finder = (text: string) => readonly TextRange[];

export interface GuardRule {
  /** As people named it; it may be shown to whoever sends. */
  readonly name: string;
  readonly mode: GuardMode;
  readonly finders: readonly Finder[];
}

/** The rules that texts for agents pass. */
export interface Guardrails {
  readonly rules: readonly GuardRule[];
  /** The tenant wants texts themselves on record, in place of hash and length alone. */
  readonly keepsPromptText: boolean;
}

export const NO_GUARDRAILS: Guardrails = { rules: [], keepsPromptText: false };

/** Stands where something was taken out. */
export const REDACTED = "[redacted]";

/** In how many places one finder looks: a text with more of them is not redacted but refused. */
export const MAX_FINDS = 500;

/** What the rules say of one text. */
export interface GuardVerdict {
  /** The strongest of what has to be done; undefined: no rule found anything. */
  readonly mode: GuardMode | undefined;
  /** Names of the rules that found something; of a text that is blocked, of those that block it. */
  readonly rules: readonly string[];
  /** The text as it may go on; empty when it may not. */
  readonly text: string;
}

/** Judges a text. Nothing of what was found is in the verdict, but in the text that goes on. */
export function judgeText({ rules }: Guardrails, text: string): GuardVerdict {
  const found = rules.map((rule) => ({ rule, ranges: rule.finders.flatMap((find) => find(text)) }));
  const hits = found.filter(({ ranges }) => ranges.length > 0);
  if (hits.length === 0) return { mode: undefined, rules: [], text };
  const blocking = hits.filter(({ rule, ranges }) => rule.mode === "block" || isTooMuch(rule.mode, ranges));
  if (blocking.length > 0) return { mode: "block", rules: blocking.map(({ rule }) => rule.name), text: "" };
  const names = hits.map(({ rule }) => rule.name);
  const taken = hits.filter(({ rule }) => rule.mode === "redact").flatMap(({ ranges }) => ranges);
  if (taken.length === 0) return { mode: "observe", rules: names, text };
  return { mode: "redact", rules: names, text: without(text, taken) };
}

// Beyond the bound nobody looked, so something would stay.
function isTooMuch(mode: GuardMode, ranges: readonly TextRange[]): boolean {
  return mode === "redact" && ranges.length >= MAX_FINDS;
}

function without(text: string, ranges: readonly TextRange[]): string {
  let kept = "";
  let at = 0;
  for (const { start, end } of [...ranges].sort((a, b) => a.start - b.start)) {
    if (start >= at) kept += text.slice(at, start) + REDACTED;
    at = Math.max(at, end);
  }
  return kept + text.slice(at);
}
