import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { captureCommands, toCapture } from "./capture.ts";

test("a screen is as many lines as it has rows, without trailing blanks", () => {
  assert.deepEqual(toCapture("80 3 5 1 1 0", ["$ ls  ", "", ""], {}), {
    lines: ["$ ls", "", ""],
    columns: 80,
    rows: 3,
    cursorColumn: 5,
    cursorRow: 1,
    isCursorVisible: true,
    isAlternateScreen: false,
  });
  assert.deepEqual(toCapture("80 3 0 0 0 0", ["x"], {}).lines, ["x", "", ""]);
});

test("history comes above the screen, and no more of it than asked for", () => {
  const lines = ["1", "2", "3", "4"];
  assert.deepEqual(toCapture("80 2 0 0 1 0", lines, { historyLines: 5 }).lines, lines);
  assert.deepEqual(toCapture("80 2 0 0 1 0", lines, { historyLines: 1 }).lines, ["2", "3", "4"]);
});

test("above an alternate screen there is no history", () => {
  const capture = toCapture("80 2 0 0 0 1", ["shell 1", "shell 2", "top", "bottom"], { historyLines: 2 });
  assert.deepEqual([capture.lines, capture.isAlternateScreen, capture.isCursorVisible], [["top", "bottom"], true, false]);
});

test("a colour that began in the history still holds on the screen", () => {
  const capture = toCapture("80 1 0 0 1 0", ["\x1b[31ma", "b"], { historyLines: 0, withEscapes: true });
  assert.deepEqual(capture.lines, ["\x1b[31mb\x1b[0m"]);
});

test("history is asked for, and colours are kept, only when wanted", () => {
  assert.equal(captureCommands("%4", {})[1].text, "capture-pane -p -e -t '%4'");
  assert.equal(toCapture("80 1 0 0 1 0", ["\x1b[31ma\x1b[39m "], {}).lines[0], "a");
  assert.equal(captureCommands("%4", { historyLines: 80, withEscapes: true })[1].text, "capture-pane -p -e -S -80 -t '%4'");
});

test("an answer of another shape is an error, not a screen", () => {
  assert.throws(() => toCapture("", [], {}), MosaicError);
  assert.throws(() => toCapture("80 x 0 0 0 0", [], {}), MosaicError);
});
