import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import { ROSTER_SCHEMA } from "./roster-schema.ts";
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

let validate: ValidateFunction | undefined;

/** Holds a value against the shipped schema.
 *  @returns the breaches, the first 100 of them; empty when the value is a roster. */
export function breachesOf(value: unknown): SchemaBreach[] {
  validate ??= compile();
  if (validate(value)) return [];
  // "if" only repeats that its "then" failed.
  return (validate.errors ?? [])
    .filter((error) => error.keyword !== "if")
    .slice(0, MAX_BREACHES)
    .map(toBreach);
}

/** Done on first use, because most commands of the CLI never read a roster, and without the checks and polish that cost more
 *  time than they save in one run: the schema is held against its own meta-schema in a test instead. */
function compile(): ValidateFunction {
  const speed = { validateSchema: false, meta: false, code: { optimize: false } };
  const strictness = { strictTypes: false, strictTuples: false, allowUnionTypes: true };
  return new Ajv2020({ allErrors: true, verbose: true, ...strictness, ...speed }).compile(ROSTER_SCHEMA);
}

function toBreach(error: ErrorObject): SchemaBreach {
  const schema: unknown = error.parentSchema;
  return {
    path: stepsOf(error.instancePath),
    keyword: error.keyword,
    params: error.params,
    value: error.data,
    schema: isRecord(schema) ? schema : {},
  };
}

function stepsOf(pointer: string): Step[] {
  const steps = pointer.split("/").slice(1);
  return steps.map((step) => (/^\d+$/.test(step) ? Number(step) : step.replaceAll("~1", "/").replaceAll("~0", "~")));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
