/** Says whether lines are what a story expects.
 *  @param expected `[..]` within a line stands for anything, a line `...` for any number of lines
 *  @returns undefined when they are; else the first place where they can't be */
export function mismatchOf(expected: readonly string[], actual: readonly string[]): string | undefined {
  const furthest = { expected: -1, actual: 0 };
  if (matches(expected, actual, 0, 0, furthest)) return undefined;
  const wanted = expected[furthest.expected];
  const found = actual[furthest.actual];
  return [
    `at line ${furthest.actual + 1}`,
    `    expected: ${wanted === undefined ? "(no more lines)" : wanted}`,
    `    actual:   ${found === undefined ? "(no more lines)" : found}`,
  ].join("\n");
}

/** Says whether one line is what a story expects. */
export function isLineMatch(expected: string, actual: string): boolean {
  const parts = expected.split("[..]").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(actual);
}

function matches(
  expected: readonly string[],
  actual: readonly string[],
  atExpected: number,
  atActual: number,
  furthest: { expected: number; actual: number },
): boolean {
  let [e, a] = [atExpected, atActual];
  while (e < expected.length && expected[e] !== "...") {
    if (e > furthest.expected) Object.assign(furthest, { expected: e, actual: a });
    if (a >= actual.length || !isLineMatch(expected[e] ?? "", actual[a] ?? "")) return false;
    e += 1;
    a += 1;
  }
  if (e === expected.length) {
    if (e > furthest.expected) Object.assign(furthest, { expected: e, actual: a });
    return a === actual.length;
  }
  for (let next = a; next <= actual.length; next += 1) {
    if (matches(expected, actual, e + 1, next, furthest)) return true;
  }
  return false;
}
