import { type CaptureOptions, MosaicError, type PaneCapture } from "@mosaic/core";
import { type CommandLine, commandLine } from "./command-line.ts";
import { plainLines, selfContainedLines } from "./sgr-lines.ts";

/** Asks for a pane's screen and cursor. Both lines are to be sent together: tmux then answers them between two reads of the
 *  pane's output, so that cursor and text belong together. */
export function captureCommands(paneId: string, options: CaptureOptions): readonly [CommandLine, CommandLine] {
  const history = historyLines(options);
  // Always with escapes: without them tmux does not say which letters are lines and corners.
  const flags = ["-e", ...(history > 0 ? ["-S", `-${history}`] : [])];
  return [
    commandLine(["display-message", "-p", "-t", paneId, CURSOR_FORMAT]),
    commandLine(["capture-pane", "-p", ...flags, "-t", paneId]),
  ];
}

/** Puts the two answers together.
 *  @param cursorText the first answer's only line
 *  @param screen the second answer's lines: history and screen, oldest first */
export function toCapture(cursorText: string, screen: readonly string[], options: CaptureOptions): PaneCapture {
  const fields = cursorText.split(" ").map(Number);
  const [columns = 0, rows = 0, cursorColumn = 0, cursorRow = 0, cursorFlag = 0, alternate = 0] = fields;
  if (fields.length !== CURSOR_FIELDS.length || fields.some(Number.isNaN)) {
    throw new MosaicError("MACHINE", `tmux told a pane's cursor as "${cursorText}"`);
  }
  const lines = options.withEscapes ? selfContainedLines(screen) : plainLines(screen);
  const isAlternateScreen = alternate === 1;
  // Above an alternate screen tmux gives the history of the ordinary one, which belongs to another program.
  const wanted = rows + (isAlternateScreen ? 0 : historyLines(options));
  const kept = lines.slice(Math.max(0, lines.length - wanted));
  while (kept.length < rows) kept.push("");
  return { lines: kept, columns, rows, cursorColumn, cursorRow, isCursorVisible: cursorFlag === 1, isAlternateScreen };
}

const CURSOR_FIELDS = ["pane_width", "pane_height", "cursor_x", "cursor_y", "cursor_flag", "alternate_on"];
const CURSOR_FORMAT = CURSOR_FIELDS.map((name) => `#{${name}}`).join(" ");

function historyLines(options: CaptureOptions): number {
  return Math.max(0, Math.trunc(options.historyLines ?? 0));
}
