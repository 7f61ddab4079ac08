/** A JSON Schema, as plain data. */
export type Schema = { readonly [keyword: string]: unknown };

/** Makes the schema of a mapping that knows exactly the given keys, each snake_case one also in camelCase.
 *  A twin beside its original is refused by a schema that fails at the original's own place, so that the error can be
 *  shown there. */
export function mapping(properties: Readonly<Record<string, Schema>>): Schema {
  const twins = Object.keys(properties).filter((key) => camelCase(key) !== key);
  const dependentSchemas = Object.fromEntries(twins.map((key) => [camelCase(key), { properties: { [key]: false } }]));
  return {
    type: "object",
    additionalProperties: false,
    properties: {
      ...properties,
      ...Object.fromEntries(twins.map((key) => [camelCase(key), { ...properties[key], description: `The same as ${key}.` }])),
    },
    ...(twins.length === 0 ? {} : { dependentSchemas }),
  };
}

/** `working_directory` becomes `workingDirectory`; a key without underscore stays as it is. */
export function camelCase(snakeCase: string): string {
  return snakeCase.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
