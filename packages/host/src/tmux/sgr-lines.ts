import { toUnicodeDrawing } from "./line-drawing.ts";

/** Makes each line of a coloured capture stand alone. tmux writes an attribute once and lets it hold over line ends; here a
 *  line starts with what still holds and ends in a reset. Trailing blanks without a colour of their own are cut; characters
 *  of the line drawing set are written in Unicode; other escapes than colours and attributes (links) are left out.
 *  @param lines from the first line of a capture on */
export function selfContainedLines(lines: readonly string[]): string[] {
  const state: LineState = { sgr: new Map(), isDrawing: false };
  return lines.map((line) => selfContained(line, state));
}

/** The same without colours and attributes: only what can be read. */
export function plainLines(lines: readonly string[]): string[] {
  const state: LineState = { sgr: new Map(), isDrawing: false };
  return lines.map((line) => withoutEscapes(line, state, () => "").replace(/ +$/, ""));
}

/** What holds at some point: one parameter string for each thing that can be set, such as `fg` to `38;5;208`. */
type SgrState = Map<string, string>;

/** What holds over a line's end. */
interface LineState {
  readonly sgr: SgrState;
  /** True after shift out: letters stand for lines and corners. */
  isDrawing: boolean;
}

// Any escape sequence: CSI, OSC up to its terminator, a character set, shift out and in, or another two-byte one; then text.
const TOKENS =
  /\x1b\[([0-9;:]*)([\x40-\x7e])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][0-9A-Za-z]|[\x0e\x0f]|\x1b.|([^\x1b\x0e\x0f]+)/g;

function withoutEscapes(line: string, state: LineState, onSgr: (parameters: string) => string): string {
  return line.replace(TOKENS, (token, parameters: string | undefined, final: string | undefined, text: string | undefined) => {
    if (text !== undefined) return state.isDrawing ? toUnicodeDrawing(text) : text;
    if (token === SHIFT_OUT || token === SHIFT_IN) state.isDrawing = token === SHIFT_OUT;
    return final === "m" ? onSgr(parameters ?? "") : "";
  });
}

const SHIFT_OUT = "\x0e";
const SHIFT_IN = "\x0f";

function selfContained(line: string, state: LineState): string {
  const prefix = toSgr(state.sgr);
  let body = withoutEscapes(line, state, (parameters) => {
    applySgr(state.sgr, parameters);
    return `\x1b[${parameters}m`;
  });
  // Blanks at the end are seen when they have a background, so only those after the last escape of a plain state go.
  if (!isVisibleOnBlanks(state.sgr)) body = body.replace(/ +$/, "");
  // Attributes that hold for no character are of no use to the reader of one line.
  const trimmed = body.replace(/(?:\x1b\[[0-9;:]*m)+$/, "");
  if (trimmed === "") return "";
  return prefix + trimmed + (prefix !== "" || trimmed.includes("\x1b") ? "\x1b[0m" : "");
}

function toSgr(state: SgrState): string {
  return state.size === 0 ? "" : `\x1b[${[...state.values()].join(";")}m`;
}

function isVisibleOnBlanks(state: SgrState): boolean {
  return ["bg", "7", "4", "9"].some((slot) => state.has(slot));
}

function applySgr(state: SgrState, parameters: string): void {
  const codes = parameters.split(";");
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? "";
    const base = Number(code.split(":", 1)[0] || "0");
    const extended = code === "38" || code === "48" || code === "58" ? extendedColour(codes, index) : code;
    setSgr(state, base, extended);
    index += extended === code ? 0 : extended.split(";").length - 1;
  }
}

// `38;5;n` and `38;2;r;g;b` are one colour each.
function extendedColour(codes: readonly string[], index: number): string {
  return codes.slice(index, index + (codes[index + 1] === "5" ? 3 : 5)).join(";");
}

function setSgr(state: SgrState, code: number, text: string): void {
  if (code === 0) return state.clear();
  const off = ENDS[code];
  if (off !== undefined) {
    for (const slot of off) state.delete(slot);
    return;
  }
  if (text === "4:0") return void state.delete("4");
  const slot = slotOf(code);
  state.delete(slot);
  state.set(slot, text);
}

function slotOf(code: number): string {
  if ((code >= 30 && code <= 38) || (code >= 90 && code <= 97)) return "fg";
  if ((code >= 40 && code <= 48) || (code >= 100 && code <= 107)) return "bg";
  if (code === 58) return "underline colour";
  if (code === 21) return "4";
  return String(code);
}

/** What each code takes back. */
const ENDS: Readonly<Record<number, readonly string[]>> = {
  22: ["1", "2"],
  23: ["3"],
  24: ["4"],
  25: ["5"],
  27: ["7"],
  28: ["8"],
  29: ["9"],
  39: ["fg"],
  49: ["bg"],
  55: ["53"],
  59: ["underline colour"],
};
