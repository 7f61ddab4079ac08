import type { ErrorObject } from "ajv/dist/2020.js";
import { checkRoster } from "../gen/roster-check.ts";
import { isMapping } from "../text/json-values.ts";
import type { Step } from "./yaml-source.ts";

/** One way in which a value breaks the roster's schema. */
export interface SchemaBreach {
  /** To the value that is wrong; for a missing or unknown key, to the mapping it is missing from or unknown in. */
  readonly path: readonly Step[];
  /** The schema's word that failed: `required`, `pattern`, … */
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** The value at the path. */
  readonly value: unknown;
  /** The schema that the value was held against. */
  readonly schema: Readonly<Record<string, unknown>>;
}

// A megabyte of unknown keys breaks the schema 40,000 times, and each breach costs a search for its place.
const MAX_BREACHES = 100;

/** Holds a value against the shipped schema, which is compiled when code is generated: that takes 50 ms.
 *  @returns the breaches, the first 100 of them; empty when the value is a roster. */
export function breachesOf(value: unknown): SchemaBreach[] {
  if (checkRoster(value)) return [];
  // "if" only repeats that its "then" failed.
  return (checkRoster.errors ?? [])
    .filter((error) => error.keyword !== "if")
    .slice(0, MAX_BREACHES)
    .map(toBreach);
}

function toBreach(error: ErrorObject): SchemaBreach {
  const schema: unknown = error.parentSchema;
  return {
    path: stepsOf(error.instancePath),
    keyword: error.keyword,
    params: error.params,
    value: error.data,
    schema: isMapping(schema) ? schema : {},
  };
}

function stepsOf(pointer: string): Step[] {
  const steps = pointer.split("/").slice(1);
  return steps.map((step) => (/^\d+$/.test(step) ? Number(step) : step.replaceAll("~1", "/").replaceAll("~0", "~")));
}
