/** The name that an enum's value goes by, in lower case, for spans and for people; its number when it has none. */
export function enumName(values: Readonly<Record<string, number>>, value: number): string {
  return (Object.keys(values).find((name) => values[name] === value) ?? String(value)).toLowerCase();
}
