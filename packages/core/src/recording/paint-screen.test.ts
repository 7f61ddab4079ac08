import assert from "node:assert/strict";
import { test } from "node:test";
import type { TapeScreen } from "../ports/session-tape.ts";
import { paintScreen } from "./paint-screen.ts";

const screen: TapeScreen = {
  lines: ["one", "", "\x1b[31mthree\x1b[0m"],
  columns: 20,
  rows: 3,
  cursorColumn: 4,
  cursorRow: 2,
  isCursorVisible: true,
  isAlternateScreen: false,
  scrollTop: 0,
  scrollBottom: 2,
  isOriginMode: false,
  isInsertMode: false,
  isWrapMode: true,
  pending: "",
};

test("a screen is painted row by row, from any state, with the cursor at its place in the end", () => {
  const painted = paintScreen(screen);
  assert.ok(painted.startsWith("\x1b[?1047l\x18"));
  assert.match(painted, /\x1b\[2J\x1b\[1;1Hone\x1b\[3;1H\x1b\[31mthree/);
  assert.ok(painted.endsWith("\x1b[0m\x1b[1;3r\x1b[3;5H\x1b[?25h"));
});

test("modes that the rest depends on are set, the unfinished sequence comes last", () => {
  const painted = paintScreen({
    ...screen,
    isAlternateScreen: true,
    isCursorVisible: false,
    scrollTop: 1,
    isOriginMode: true,
    isInsertMode: true,
    isWrapMode: false,
    pending: "\x1b[1;3",
  });
  assert.ok(painted.startsWith("\x1b[?1047h"));
  assert.ok(painted.endsWith("\x1b[2;3r\x1b[?6h\x1b[2;5H\x1b[4h\x1b[?7l\x1b[?25l\x1b[1;3"));
});

test("of a capture with history only the screen is painted", () => {
  assert.ok(!paintScreen({ ...screen, lines: ["gone", ...screen.lines] }).includes("gone"));
});
