/** Writes characters of the DEC line drawing set, which terminals show between SO and SI, in Unicode: `lqk` is `┌─┐`. What
 *  the set does not have stays as it is. */
export function toUnicodeDrawing(text: string): string {
  return text.replace(/[+,\-.0`a-z{|}~]/g, (character) => DRAWINGS.get(character) ?? character);
}

/** As tmux itself draws them where there is no such set (tty-acs.c). */
const FROM = "+,-.0`abcdefghijklmnopqrstuvwxyz{|}~";
const TO = "→←↑↓▮◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·";
const DRAWINGS: ReadonlyMap<string, string> = new Map([...FROM].map((from, index) => [from, TO[index] ?? from]));
