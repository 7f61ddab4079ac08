/** Reads JSON that somebody else may have written, or half written; undefined: it is none. The caller says what that means. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What can't be read is counted, named or left out by who asks.
    return undefined;
  }
}

/** Reads JSON that is a mapping; undefined: it is none, or no JSON. */
export function parseMapping(text: string): Record<string, unknown> | undefined {
  const value = parseJson(text);
  return isMapping(value) ? value : undefined;
}

/** Whether a value holds others by name; a list does not. */
export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value when it is a text, else an empty one. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
