import assert from "node:assert/strict";
import { test } from "node:test";
import { originOf, stamped } from "./stamp.ts";

const text = "# Made by Mosaic from the roster; changes here are lost.\n[Service]\nTasksMax=5\n";

test("a generated text tells that it is as it was generated, and any change of it shows", () => {
  const made = stamped(text);
  assert.equal(originOf(made), "untouched");
  assert.match(made, /^# Made by Mosaic from the roster; changes here are lost\. \[[0-9a-f]{16}\]\n\[Service\]\n/);
  for (const changed of [
    made.replace("5", "6"),
    `${made}\n`,
    made.replace("lost", "kept"),
    made.replace(/\[[0-9a-f]{16}\]/, ""),
  ]) {
    assert.equal(originOf(changed), "changed");
  }
});

test("what Mosaic did not make is foreign, and is given no stamp", () => {
  for (const other of ["", "[Service]\n", "# made by hand\n"]) {
    assert.equal(originOf(other), "foreign");
    assert.equal(stamped(other), other);
  }
});

test("a text without a stamp, of an earlier version, counts as changed", () => assert.equal(originOf(text), "changed"));
