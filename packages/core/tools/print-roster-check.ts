/** Prints the roster's schema as code that checks it: `node packages/core/tools/print-roster-check.ts > packages/core/src/gen/roster-check.ts`.
 *  To compile it takes Ajv 50 ms, which `fleet ps` without a node would pay each time. */
import { Ajv2020 } from "ajv/dist/2020.js";
import standalone from "ajv/dist/standalone/index.js";
import { ROSTER_SCHEMA } from "../src/roster/roster-schema.ts";

const HEAD = `// @ts-nocheck
// Made from src/roster/roster-schema.ts by tools/print-roster-check.ts (npm run generate). Don't edit.
import type { ValidateFunction } from "ajv/dist/2020.js";
`;

/** The one thing that the code takes from Ajv's runtime: how long a text is in characters. */
const LENGTH = { theirs: 'require("ajv/dist/runtime/ucs2length").default', ours: "(text) => [...text].length" };

const strictness = { strictTypes: false, strictTuples: false, allowUnionTypes: true };
const ajv = new Ajv2020({ allErrors: true, verbose: true, ...strictness, code: { source: true, esm: true } });
const code = standalone
  .default(ajv, ajv.compile(ROSTER_SCHEMA))
  .replace(
    /^"use strict";export const validate = (\w+);export default \w+;/,
    "export const checkRoster: ValidateFunction = $1;\n",
  )
  .replace(LENGTH.theirs, LENGTH.ours);
if (/require\(|export default/.test(code) || !code.startsWith("export const checkRoster")) {
  throw new Error("Ajv's code has another form than before: look at it");
}
process.stdout.write(`${HEAD}${code}\n`);
