import { parse } from "yaml";
import { MosaicError } from "../errors.ts";
import { isMapping } from "../text/json-values.ts";
import { findPattern } from "./find-pattern.ts";
import { findTerms } from "./find-terms.ts";
import { type Finder, GUARD_MODES, type GuardMode, type GuardRule, type Guardrails, REDACTED } from "./guardrails.ts";
import { SECRET_FORMATS } from "./secret-formats.ts";

const MAX_RULES = 50;
const MAX_TERMS = 500;
const MAX_PATTERNS = 50;
const MAX_TERM_LENGTH = 200;

/** Parses guardrails: a YAML or JSON mapping with `rules`, each `{ name, mode, terms, patterns, secrets }`, and `audit`
 *  (`{ prompt_text: true }` puts texts themselves on record).
 *  @throws MosaicError POLICY_INVALID naming the rule and what is wrong with it */
export function parseGuardrails(text: string, file: string): Guardrails {
  const document = parseYaml(text, file);
  if (!isMapping(document)) throw invalid(file, "it must be a mapping with rules; none are written rules: []");
  assertKeys(document, ["rules", "audit"], file);
  const { rules, audit = {} } = document;
  if (!Array.isArray(rules)) throw invalid(file, "rules must be a list");
  if (rules.length > MAX_RULES) throw invalid(file, `there are ${rules.length} rules; ${MAX_RULES} may be`);
  const parsed = rules.map((rule, index) => toRule(rule, `${file}: rule ${index + 1}`));
  const twice = parsed.find(({ name }, index) => parsed.findIndex((other) => other.name === name) !== index);
  if (twice) throw invalid(file, `two rules are named "${twice.name}"`);
  return { rules: parsed, keepsPromptText: keepsPromptText(audit, file) };
}

function toRule(rule: unknown, where: string): GuardRule {
  if (!isMapping(rule)) throw invalid(where, "it must be a mapping of name, mode, and what it looks for");
  assertKeys(rule, ["name", "mode", "terms", "patterns", "secrets"], where);
  const { name, mode, terms, patterns, secrets } = rule;
  if (typeof name !== "string" || !/^[a-z0-9][a-z0-9-]{0,39}$/.test(name))
    throw invalid(where, "name must be up to 40 of a-z, 0-9 and -; whoever sends may read it");
  if (!isMode(mode)) throw invalid(where, `mode is ${JSON.stringify(mode)}; it may be ${GUARD_MODES.join(", ")}`);
  const finders = [...termFinders(terms, where), ...patternFinders(patterns, where), ...secretFinders(secrets, where)];
  if (finders.length === 0) throw invalid(where, "it looks for nothing: give it terms, patterns or secrets");
  // A text that passed another host already would be redacted for having been redacted.
  if (finders.some((find) => find(REDACTED).length > 0)) throw invalid(where, `it finds the mark ${REDACTED} itself`);
  return { name, mode, finders };
}

function termFinders(terms: unknown, where: string): Finder[] {
  if (terms === undefined) return [];
  const isSound = (term: unknown) => typeof term === "string" && term.trim() !== "" && term.length <= MAX_TERM_LENGTH;
  if (!isTexts(terms) || terms.length === 0 || terms.length > MAX_TERMS || !terms.every(isSound))
    throw invalid(where, `terms must be a list of 1 to ${MAX_TERMS} words or phrases of up to ${MAX_TERM_LENGTH} characters`);
  return [findTerms(terms)];
}

function patternFinders(patterns: unknown, where: string): Finder[] {
  if (patterns === undefined) return [];
  if (!isTexts(patterns) || patterns.length > MAX_PATTERNS)
    throw invalid(where, `patterns must be a list of at most ${MAX_PATTERNS} regular expressions`);
  return patterns.map((pattern, index) => {
    try {
      return findPattern(pattern);
    } catch (thrown) {
      throw invalid(where, `pattern ${index + 1} can't be used: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
  });
}

function secretFinders(secrets: unknown, where: string): Finder[] {
  if (secrets === undefined || secrets === false) return [];
  const known = Object.keys(SECRET_FORMATS);
  const names = secrets === true ? known : secrets;
  if (!isTexts(names) || !names.every((name) => known.includes(name)))
    throw invalid(where, `secrets must be true, or a list of ${known.join(", ")}`);
  return names.flatMap((name) => SECRET_FORMATS[name] ?? []);
}

function keepsPromptText(audit: unknown, file: string): boolean {
  if (!isMapping(audit)) throw invalid(file, "audit must be a mapping of prompt_text");
  assertKeys(audit, ["prompt_text"], `${file}: audit`);
  const { prompt_text = false } = audit;
  if (typeof prompt_text !== "boolean") throw invalid(file, "audit.prompt_text must be true or false");
  return prompt_text;
}

function parseYaml(text: string, file: string): unknown {
  try {
    return parse(text, { maxAliasCount: 100 });
  } catch (thrown) {
    throw invalid(file, thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function assertKeys(record: Record<string, unknown>, known: readonly string[], where: string): void {
  const unknownKey = Object.keys(record).find((key) => !known.includes(key));
  if (unknownKey !== undefined) throw invalid(where, `unknown key "${unknownKey}"`);
}

function isMode(value: unknown): value is GuardMode {
  return GUARD_MODES.some((mode) => mode === value);
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

function invalid(where: string, what: string): MosaicError {
  return new MosaicError("POLICY_INVALID", `${where}: ${what}`, {
    hint: "a rule looks like: - { name: keys, mode: block, secrets: true }",
  });
}
