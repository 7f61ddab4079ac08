type Values = Readonly<Record<string, number>>;

/** Names by number, made once of each enum: rows are looked at with every heartbeat. */
const namesOf = new WeakMap<Values, ReadonlyMap<number, string>>();

/** The name of a generated enum's value, without its prefix; its number, when a newer peer tells one that we don't know. */
export function enumName(values: Values, value: number): string {
  const known = namesOf.get(values);
  const names = known ?? new Map(Object.entries(values).map(([name, number]) => [number, name]));
  if (!known) namesOf.set(values, names);
  return names.get(value) ?? String(value);
}
