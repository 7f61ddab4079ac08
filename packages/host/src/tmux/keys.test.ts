import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { keyCommands } from "./keys.ts";

test("named keys, keys with modifiers and single characters are keys", () => {
  for (const key of ["Enter", "Escape", "BTab", "C-c", "M-Enter", "C-M-S-Up", "F1", "F12", "y", "1", ";", "-"]) {
    assert.equal(keyCommands("%4", key).length, 2, key);
  }
});

test("what tmux would type out as text is refused", () => {
  for (const key of ["", "Entr", "enter", "yes", "F13", "C-", "Enter ", "é", "\n"]) {
    assert.throws(
      () => keyCommands("%4", key),
      (error: unknown) => error instanceof MosaicError && error.code === "USAGE",
      key,
    );
  }
});
