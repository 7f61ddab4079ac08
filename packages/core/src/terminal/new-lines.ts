/** The lines that a terminal showed since an earlier look: where the old text scrolled up, what came below it; on a screen
 *  that redraws in place, the lines that differ.
 *  @param before all lines of the earlier look, oldest first
 *  @param after all lines now */
export function newLines(before: readonly string[], after: readonly string[]): string[] {
  const shift = scrolledBy(before, after);
  if (shift === undefined) return after.filter((line, row) => line !== before[row] && line !== "");
  const overlap = before.length - shift;
  const changed = after.slice(0, overlap).filter((line, row) => line !== before[row + shift] && line !== "");
  return [...changed, ...after.slice(overlap)];
}

/** Takes blank lines off the end. */
export function withoutTrailingBlanks(lines: readonly string[]): string[] {
  let end = lines.length;
  while (end > 0 && lines[end - 1]?.trim() === "") end -= 1;
  return lines.slice(0, end);
}

// The smallest shift under which the old lines continue as the new ones. The last old line may have grown, so it need not
// be equal; at least one other line must be, else everything would fit everything.
function scrolledBy(before: readonly string[], after: readonly string[]): number | undefined {
  for (let shift = 0; shift < before.length; shift += 1) {
    const overlap = Math.min(before.length - shift, after.length);
    const fixed = overlap === before.length - shift ? overlap - 1 : overlap;
    let row = 0;
    while (row < fixed && before[row + shift] === after[row]) row += 1;
    if (row === fixed && (fixed > 0 || shift === 0)) return shift;
  }
  return before.length === 0 ? 0 : undefined;
}
