import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { EXIT_CODES } from "@mosaic/core";
import type { ProgramEnd } from "../run-program.ts";
import type { ExpectedEnd } from "./expected-ends.ts";

const KNOWN: ReadonlySet<number> = new Set(Object.values(EXIT_CODES));
const REFERENCE = readFileSync(join(import.meta.dirname, "../../../docs/reference/cli.md"), "utf8");

/** Fails unless a line ended as it should: with 0, interrupted, or as it is expected here.
 *  @param isInterrupted whether somebody pressed Ctrl-C */
export function judgeEnd(line: string, end: ProgramEnd, expected: readonly ExpectedEnd[], isInterrupted: boolean): void {
  const told = `${line}\n${end.stdout}${end.stderr}`;
  const { exitCode = -1 } = end;
  assert.ok(KNOWN.has(exitCode), `no exit code of the table: ${exitCode} ${end.signal ?? ""}\n${told}`);
  const other = expected.find((each) => line === each.line || line === `${each.line} --json`);
  const allowed: readonly number[] = other
    ? other.exitCodes
    : isInterrupted
      ? [EXIT_CODES.ok, EXIT_CODES.interrupted]
      : [EXIT_CODES.ok];
  assert.ok(allowed.includes(exitCode), `exit ${exitCode} instead of ${allowed.join(" or ")}\n${told}`);
  if (!other) return;
  assert.match(`${end.stderr}${end.stdout}`, other.says, line);
  if (exitCode !== EXIT_CODES.ok) assert.match(`${end.stderr}${end.stdout}`, /^hint: .+$|\bnext\b/im, `no hint\n${told}`);
}

/** Fails unless a line printed one JSON object of the schema that the reference names for it. */
export function judgeJson(line: string, end: ProgramEnd, schema: string, expected: readonly ExpectedEnd[]): void {
  judgeEnd(line, end, expected, false);
  const answer = parse(line, end.stdout);
  assert.ok(REFERENCE.includes(schema), `docs/reference/cli.md does not name ${schema}`);
  const other = expected.find((each) => line === each.line || line === `${each.line} --json`);
  const schemas = other === undefined ? [schema] : [schema, "mosaic.error/1"];
  assert.ok(schemas.includes(answer.schema), `${line}: ${answer.schema} instead of ${schemas.join(" or ")}`);
}

function parse(line: string, text: string): { readonly schema: string } {
  try {
    return JSON.parse(text) as { schema: string };
  } catch (cause) {
    throw new Error(`${line} gave no single JSON object:\n${text}`, { cause });
  }
}
