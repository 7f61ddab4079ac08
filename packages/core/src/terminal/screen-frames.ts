import { create } from "@bufbuild/protobuf";
import { type AgentAddress, type WatchTerminalResponse, WatchTerminalResponseSchema } from "@mosaic/wire";
import type { PaneCapture } from "../ports/terminal-server.ts";

/** The frame that takes a viewer from one look at a screen to the next: the whole screen first and after a change of size,
 *  else only the lines that changed. Undefined when nothing did. */
export function screenFrame(
  agent: AgentAddress,
  before: PaneCapture | undefined,
  after: PaneCapture,
): WatchTerminalResponse | undefined {
  const cursor = { column: after.cursorColumn, row: after.cursorRow, visible: after.isCursorVisible };
  if (!before || isReshaped(before, after)) {
    const { columns, rows, lines, isAlternateScreen } = after;
    const value = { agent, columns, rows, lines: [...lines], cursor, alternateScreen: isAlternateScreen };
    return create(WatchTerminalResponseSchema, { frame: { case: "screen", value } });
  }
  const changed = after.lines.flatMap((text, row) => (text === before.lines[row] ? [] : [{ row, text }]));
  if (changed.length === 0 && isSameCursor(before, after)) return undefined;
  return create(WatchTerminalResponseSchema, { frame: { case: "change", value: { lines: changed, cursor } } });
}

/** The last frame of a stream. */
export function terminalEnd(reason: string): WatchTerminalResponse {
  return create(WatchTerminalResponseSchema, { frame: { case: "end", value: { reason } } });
}

function isReshaped(before: PaneCapture, after: PaneCapture): boolean {
  return (
    before.columns !== after.columns ||
    before.rows !== after.rows ||
    before.lines.length !== after.lines.length ||
    before.isAlternateScreen !== after.isAlternateScreen
  );
}

function isSameCursor(before: PaneCapture, after: PaneCapture): boolean {
  return (
    before.cursorColumn === after.cursorColumn &&
    before.cursorRow === after.cursorRow &&
    before.isCursorVisible === after.isCursorVisible
  );
}
