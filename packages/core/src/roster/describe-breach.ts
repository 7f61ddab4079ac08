import { nearNames } from "../text/near-names.ts";
import { nameOf, show } from "./name-and-show.ts";
import { ONE_LINE_PATTERN } from "./roster-schema.ts";
import type { SchemaBreach } from "./schema-check.ts";
import { camelCase } from "./schema-parts.ts";
import type { Step } from "./yaml-source.ts";

/** A breach of the schema in words. */
export interface Complaint {
  /** Where to point: the key that is wrong, or the mapping that lacks one. */
  readonly path: readonly Step[];
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
}

/** Says what a breach means to the person who wrote the file: which value, and what it must be. */
export function describeBreach(breach: SchemaBreach): Complaint {
  const { path, params } = breach;
  switch (breach.keyword) {
    case "additionalProperties":
      return unknownKey(breach, String(params.additionalProperty));
    case "required":
      return missingKey(breach, String(params.missingProperty));
    case "false schema":
      return misplaced(path);
    case "type":
      return wrongType(breach);
    case "minItems":
      return { path, message: `${nameOf(path)} is empty`, hint: `give ${nameOf(path)} at least one entry` };
    default:
      return { path, message: `${nameOf(path)} ${show(breach.value)} ${demandOf(breach)}`, hint: cureOf(breach) };
  }
}

function unknownKey(breach: SchemaBreach, key: string): Complaint {
  const known = Object.keys(typeof breach.schema.properties === "object" ? (breach.schema.properties ?? {}) : {});
  const near = nearNames(key, known, 1)[0];
  const twins = new Set(known.filter((each) => each.includes("_")).map(camelCase));
  const hint =
    near === undefined ? `known here: ${known.filter((each) => !twins.has(each)).join(", ")}` : `did you mean ${near}?`;
  return { path: [...breach.path, key], message: `${nameOf([...breach.path, key])} is not a key of a roster`, hint };
}

function missingKey(breach: SchemaBreach, key: string): Complaint {
  const lines: Record<string, string> = {
    version: "version: 1",
    transport: "transport: tmux",
    agents: "agents: with at least one `- name: …` and its `runtime: …`",
    name: "name: <letters, digits, _ . ->",
    runtime: "runtime: claude, codex, opencode, pi, stub, or command",
    command: 'command: ["program", "argument"]',
  };
  const where = nameOf(breach.path);
  const why = key === "command" ? ", which runtime command needs" : "";
  return { path: breach.path, message: `${where} has no ${key}${why}`, hint: `add to ${where}: ${lines[key] ?? key}` };
}

/** The schema refuses a present key only in two cases: a snake_case key beside its camelCase twin, and `command`. */
function misplaced(path: readonly Step[]): Complaint {
  const key = String(path.at(-1));
  if (key === "command") {
    return { path, message: `${nameOf(path)} is only for runtime command`, hint: "set runtime: command, or remove command" };
  }
  return {
    path,
    message: `${nameOf(path)} is also given as ${camelCase(key)}`,
    hint: `keep one of ${key} and ${camelCase(key)}`,
  };
}

function wrongType({ path, params, value }: SchemaBreach): Complaint {
  const names: Record<string, string> = { object: "a mapping", array: "a list", string: "a string", boolean: "true or false" };
  const wanted = String(params.type).split(",");
  const message = `${nameOf(path)} must be ${wanted.map((type) => names[type] ?? type).join(" or ")}, not ${show(value)}`;
  const isBareWord = wanted.includes("string") && (typeof value === "number" || typeof value === "boolean");
  if (isBareWord) return { path, message, hint: `put it in quotes: "${String(value)}"` };
  return {
    path,
    message,
    hint: value === null ? "give it a value, or remove the key" : "see framework/fleet/roster.schema.json",
  };
}

function demandOf({ keyword, params, schema }: SchemaBreach): string {
  switch (keyword) {
    case "pattern":
      return schema.pattern === ONE_LINE_PATTERN
        ? "must be one line of text, and not empty"
        : `must match ${String(params.pattern)}`;
    case "enum":
      return `must be one of ${listOf(params.allowedValues).join(", ")}`;
    case "const":
      return `must be ${String(params.allowedValue)}`;
    case "not":
      return "must not be that: the default tmux server is never touched";
    case "maxLength":
      return `must be at most ${String(params.limit)} characters long`;
    default:
      return "must not be empty";
  }
}

function cureOf({ keyword, params, value, path }: SchemaBreach): string {
  if (keyword === "enum") {
    const near = nearNames(String(value), listOf(params.allowedValues), 1)[0];
    return near === undefined ? "choose one of them" : `did you mean ${near}?`;
  }
  if (keyword === "const") return `write ${String(path.at(-1))}: ${String(params.allowedValue)}, without quotes`;
  if (keyword === "not") return "leave the key out, or name a socket of the fleet's own, such as mosaic-factory";
  return keyword === "pattern"
    ? "change or remove the characters that are not allowed"
    : "see framework/fleet/roster.schema.json";
}

function listOf(values: unknown): string[] {
  return Array.isArray(values) ? values.map(String) : [];
}
