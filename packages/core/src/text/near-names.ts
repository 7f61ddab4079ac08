/** Longer names are compared by their beginnings only: nobody mistypes the 201st letter. */
const MAX_COMPARED_LENGTH = 200;

/** Finds the candidates that someone who typed `wanted` may have meant.
 *  @param wanted as typed; case does not matter.
 *  @param candidates any number, any order; repeated ones are answered once.
 *  @returns at most `max` of them, best first: names that begin with `wanted` (shortest first), then names within a few
 *  slips (a letter missing, added, wrong, or swapped with its neighbour), closest first. Empty when none is near.
 *  Time grows with the number of candidates and with their length, not with the square of either. */
export function nearNames(wanted: string, candidates: readonly string[], max = 3): string[] {
  const typed = fold(wanted);
  if (typed === "") return [];
  const ranked: { name: string; rank: number }[] = [];
  for (const name of new Set(candidates)) {
    const rank = rankOf(typed, fold(name));
    if (rank !== undefined) ranked.push({ name, rank });
  }
  ranked.sort((a, b) => a.rank - b.rank || a.name.length - b.name.length || (a.name < b.name ? -1 : 1));
  return ranked.slice(0, max).map((entry) => entry.name);
}

/** Counts the slips between two names (Damerau-Levenshtein, each letter touched once).
 *  @returns the count, or undefined when it is more than `limit`, which is also what bounds the work. */
export function slipsBetween(a: string, b: string, limit: number): number | undefined {
  if (Math.abs(a.length - b.length) > limit) return undefined;
  const start = commonPrefix(a, b);
  return slipsBetweenRests(a.slice(start), b.slice(start), limit);
}

function slipsBetweenRests(a: string, b: string, limit: number): number | undefined {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = nextRow(a, b, row, limit, last, beforeLast);
    if (Math.min(...current.slice(Math.max(0, row - limit), row + limit + 1)) > limit) return undefined;
    [beforeLast, last] = [last, current];
  }
  const slips = last[b.length] ?? 0;
  return slips <= limit ? slips : undefined;
}

/** Only columns within `limit` of the diagonal can lead to an answer within the limit; the rest stay infinite. */
function nextRow(a: string, b: string, row: number, limit: number, last: number[], beforeLast: number[]): number[] {
  const current = new Array<number>(b.length + 1).fill(Number.POSITIVE_INFINITY);
  current[0] = row;
  const to = Math.min(b.length, row + limit);
  for (let column = Math.max(1, row - limit); column <= to; column++) {
    const isSame = a[row - 1] === b[column - 1];
    let slips = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (isSame ? 0 : 1));
    const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
    if (isSwap) slips = Math.min(slips, at(beforeLast, column - 2) + 1);
    current[column] = slips;
  }
  return current;
}

/** Skipping what both begin with changes no count, and is most of the work among names like `coder0` to `coder9999`. */
function commonPrefix(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}

function rankOf(typed: string, name: string): number | undefined {
  if (name === typed) return -2;
  if (name.startsWith(typed)) return -1;
  // A third of the letters may be wrong, and never more than four: beyond that a suggestion is a guess.
  const limit = Math.min(4, Math.max(1, Math.floor(typed.length / 3)));
  return slipsBetween(typed, name, limit);
}

function fold(name: string): string {
  return name.slice(0, MAX_COMPARED_LENGTH).toLowerCase();
}
