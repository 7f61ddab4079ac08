import { existsSync, readFileSync } from "node:fs";
import type { TestSkip } from "./run-test-file.ts";

/** A skip that may happen also where everything that tests need is present. */
export interface AllowedSkip {
  /** `path > suite > test`, as the runner prints it. */
  readonly test: string;
  readonly reason: string;
}

/** Reads the list of allowed skips; an absent file allows none.
 *  @throws Error when an entry lacks its test or its reason. */
export function readAllowedSkips(path: string): readonly AllowedSkip[] {
  if (!existsSync(path)) return [];
  const list: unknown = JSON.parse(readFileSync(path, "utf8"));
  if (!Array.isArray(list) || !list.every(isAllowedSkip)) throw new Error(`${path}: every entry needs a "test" and a "reason"`);
  return list;
}

function isAllowedSkip(entry: Partial<Record<string, unknown>>): boolean {
  return [entry.test, entry.reason].every((text) => typeof text === "string" && text !== "");
}

/** Judges skips where none is expected.
 *  @param known ids of all tests of the run, and of suites that were skipped
 *  @returns one line for each skip that nothing allows, and for each allowance whose test is gone. */
export function judgeSkips(skips: readonly TestSkip[], allowed: readonly AllowedSkip[], known: ReadonlySet<string>): string[] {
  const allowedIds = new Set(allowed.map((entry) => entry.test));
  const forbidden = skips.filter((skip) => !allowedIds.has(skip.id));
  const stale = allowed.filter((entry) => !known.has(entry.test));
  return [
    ...forbidden.map((skip) => `skipped, and not in test/skips.allowed.json: ${skip.id} (${skip.reason})`),
    ...stale.map((entry) => `in test/skips.allowed.json, but there is no such test: ${entry.test}`),
  ];
}
