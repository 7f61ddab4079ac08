import { isMapping, parseMapping } from "@mosaic/core";

/** A JSON object whose fields are not known to be there, nor of which type. */
export type Fields = Readonly<Record<string, unknown>>;

/** Takes a value for an object; one without any field when it is none. */
export function fieldsOf(value: unknown): Fields {
  return isMapping(value) ? value : {};
}

/** The text in a field; undefined when there is none, or an empty one. */
export function textIn(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The texts in a list; empty when it is no list. */
export function textsIn(fields: Fields, name: string): string[] {
  const value = fields[name];
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === "string" && entry !== "") : [];
}

/** The fields of a JSON text; none when it is no object, or no JSON: half a line that is still being written tells nothing. */
export function parsedFields(text: string): Fields {
  return parseMapping(text) ?? {};
}
