import { findAll } from "./find-all.ts";
import { findAssignments } from "./find-assignments.ts";
import type { Finder, TextRange } from "./guardrails.ts";

/** Formats of secrets that are known by name. What has no form of its own is looked for as an assignment. */
export const SECRET_FORMATS: Readonly<Record<string, Finder>> = {
  aws: known(/(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9])/g),
  github: known(/(?<![A-Za-z0-9_])(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})(?![A-Za-z0-9_])/g),
  slack: known(
    /(?<![A-Za-z0-9-])(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,255}|https:\/\/hooks\.slack\.com\/(?:services|workflows)\/[A-Za-z0-9/]{20,120}/g,
  ),
  "private-key": findPrivateKeys,
  jwt: known(/(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,8000}\.eyJ[A-Za-z0-9_-]{8,8000}\.[A-Za-z0-9_-]{16,2000}/g),
  "model-api": known(/(?<![A-Za-z0-9_-])sk-(?:[a-z]{2,12}[0-9]{0,2}-){0,3}[A-Za-z0-9_-]{32,250}/g),
  assignment: findAssignments,
};

function known(pattern: RegExp): Finder {
  return (text) => findAll(pattern, text);
}

const KEY_BEGIN = /-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----/g;
const KEY_END = /-----END (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----/g;

// With all that stands in it, and to the end of the text when its own end is missing.
function findPrivateKeys(text: string): readonly TextRange[] {
  const ends = findAll(KEY_END, text);
  return findAll(KEY_BEGIN, text).map(({ start, end }) => ({
    start,
    end: ends.find((each) => each.start >= end)?.end ?? text.length,
  }));
}
