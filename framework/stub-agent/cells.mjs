// Wide enough for what agents are sent: East Asian scripts and emoji take two cells, marks and joiners none.
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const EMPTY = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** Makes a text safe to show on one line: line ends become ↵, tabs a blank, and what would steer the terminal a dot.
 *  @param {string} text @returns {string} */
export function printable(text) {
  return text
    .replace(/\r\n|[\r\n\u2028\u2029]/g, "↵")
    .replace(/\t/g, " ")
    .replace(/[\x00-\x1f\x7f-\x9f\ud800-\udfff]/gu, "·");
}

/** @param {string} character one code point @returns {number} cells it takes */
function cellsOf(character) {
  if (character < "\u0300") return 1;
  return EMPTY.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
}

/** @param {string} text @returns {number} cells the text takes */
export function widthOf(text) {
  let cells = 0;
  for (const character of text) cells += cellsOf(character);
  return cells;
}

/** Cuts a text into lines of at most `columns` cells, at least one line.
 *  @param {string} text @param {number} columns @returns {string[]} */
export function wrap(text, columns) {
  const lines = [""];
  let used = 0;
  for (const character of text) {
    const cells = cellsOf(character);
    if (used + cells > columns) {
      lines.push("");
      used = 0;
    }
    lines[lines.length - 1] += character;
    used += cells;
  }
  return lines;
}

/** Keeps the start of a text. @param {string} text @param {number} columns @returns {string} */
export function fitStart(text, columns) {
  return wrap(text, Math.max(1, columns))[0] ?? "";
}

/** Keeps the end of a text, marked with … when something is missing.
 *  @param {string} text @param {number} columns @returns {string} */
export function fitEnd(text, columns) {
  if (widthOf(text) <= columns) return text;
  const characters = [...text];
  let start = characters.length;
  let used = 1;
  while (start > 0) {
    used += cellsOf(characters[start - 1] ?? "");
    if (used > columns) break;
    start--;
  }
  return `…${characters.slice(start).join("")}`;
}
