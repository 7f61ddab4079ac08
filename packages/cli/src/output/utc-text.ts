/** An instant for people: `2026-11-21 10:00:07 UTC`. Whose clock it was the reader has to know.
 *  @param iso as `Date.toISOString` makes it */
export function utcText(iso: string): string {
  return iso.replace(/^(.+)T(.+)\.\d{3}Z$/, "$1 $2 UTC");
}
