/** The values of a generated enum as labels: names by number. What a newer peer tells and we don't know is UNSPECIFIED,
 *  because it must not make a label of its own. */
export class EnumLabels {
  readonly names: readonly string[];
  readonly #byValue: ReadonlyMap<number, string>;

  constructor(values: Readonly<Record<string, number>>) {
    this.names = Object.keys(values);
    this.#byValue = new Map(Object.entries(values).map(([name, value]) => [value, name]));
  }

  of(value: number): string {
    return this.#byValue.get(value) ?? "UNSPECIFIED";
  }

  /** How many have each value, those that nobody has with 0: a graph then shows the last one going, and not a gap. */
  count<T>(all: Iterable<T>, numberOf: (one: T) => number): Map<string, number> {
    const counts = new Map(this.names.filter((name) => name !== "UNSPECIFIED").map((name) => [name, 0]));
    for (const one of all) {
      const name = this.of(numberOf(one));
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return counts;
  }
}
