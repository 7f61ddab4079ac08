/** Prints the roster's JSON Schema: `node packages/core/tools/print-roster-schema.ts > framework/fleet/roster.schema.json`. */
import { ROSTER_SCHEMA } from "../src/roster/roster-schema.ts";

process.stdout.write(`${JSON.stringify(ROSTER_SCHEMA, undefined, 2)}\n`);
