import type { TapeScreen } from "../ports/session-tape.ts";

/** Writes what makes a terminal of any state show a screen and go on from it: the opening of every recording, and what follows
 *  a gap. Row by row with the cursor placed for each, so that nothing depends on line ends and wrapping.
 *
 *  What tmux does not tell is left as it is: the colours of the next character, a saved cursor, character sets. Full-screen
 *  programs set them before they draw. */
export function paintScreen(screen: TapeScreen): string {
  const rows = screen.lines.slice(-screen.rows).flatMap((line, row) => (line === "" ? [] : [`${moveTo(row, 0)}${line}`]));
  return [
    screen.isAlternateScreen ? ENTER_ALTERNATE : LEAVE_ALTERNATE,
    BLANK,
    ...rows,
    PLAIN,
    // Setting the region or the origin moves the cursor, so that its place comes after both.
    `\x1b[${screen.scrollTop + 1};${screen.scrollBottom + 1}r`,
    screen.isOriginMode ? "\x1b[?6h" : "",
    moveTo(screen.cursorRow - (screen.isOriginMode ? screen.scrollTop : 0), screen.cursorColumn),
    screen.isInsertMode ? "\x1b[4h" : "",
    screen.isWrapMode ? "" : "\x1b[?7l",
    screen.isCursorVisible ? "\x1b[?25h" : "\x1b[?25l",
    screen.pending,
  ].join("");
}

// 1047 and not 1049: the cursor that a program saved is not ours to overwrite.
const ENTER_ALTERNATE = "\x1b[?1047h";
const LEAVE_ALTERNATE = "\x1b[?1047l";
const PLAIN = "\x1b[0m";
/** Ends a sequence that was cut; ordinary colours, the whole screen scrolls, no origin, replacing, wrapping; empty. */
const BLANK = "\x18\x0f\x1b(B\x1b[0m\x1b[r\x1b[?6l\x1b[4l\x1b[?7h\x1b[H\x1b[2J";

function moveTo(row: number, column: number): string {
  return `\x1b[${Math.max(0, row) + 1};${Math.max(0, column) + 1}H`;
}
