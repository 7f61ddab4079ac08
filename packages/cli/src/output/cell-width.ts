/** Width of a text on a terminal, in cells: 2 for East Asian wide characters and emoji, 0 for marks that combine. Meant for
 *  text without escapes or controls. */
export function cellWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segments(text)) width += graphemeWidth(segment);
  return width;
}

/** The longest beginning of a text that is at most `cells` cells wide. Never splits what a person sees as one character. */
export function beginningOf(text: string, cells: number): string {
  if (ASCII.test(text)) return text.slice(0, Math.max(0, cells));
  let kept = "";
  let width = 0;
  for (const { segment } of segments(text)) {
    width += graphemeWidth(segment);
    if (width > cells) break;
    kept += segment;
  }
  return kept;
}

/** Fills a text up to `cells` cells with blanks. */
export function padToWidth(text: string, cells: number): string {
  return text + " ".repeat(Math.max(0, cells - cellWidth(text)));
}

function graphemeWidth(grapheme: string): number {
  if (ASCII.test(grapheme)) return grapheme.length;
  if (ZERO.test(grapheme)) return 0;
  // A variation selector 16 asks for the emoji form, which is wide.
  return WIDE.test(grapheme) || grapheme.includes("\ufe0f") ? 2 : 1;
}

function segments(text: string): Iterable<{ segment: string }> {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return segmenter.segment(text);
}

// Made when the first text needs it: most fleets are ASCII, and loading ICU's tables takes milliseconds.
let segmenter: Intl.Segmenter | undefined;

const ASCII = /^[\x20-\x7e]*$/;
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
/** East Asian Wide and Fullwidth blocks (Unicode 16, EastAsianWidth.txt, to the block), and emoji. */
const WIDE =
  /^[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u;
