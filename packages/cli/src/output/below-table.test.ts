import assert from "node:assert/strict";
import { test } from "node:test";
import { belowTable, notShown } from "./below-table.ts";
import { colourStyle, plainStyle } from "./style.ts";

const FOOTER = "3 agents on 2 of 3 hosts. Not shown: SYSTEMD PID IDLE (--wide).";

test("what stands below a table breaks at words on a terminal, and its rest is set in", () => {
  assert.deepEqual(belowTable([FOOTER, "via: node"], 42), [
    "3 agents on 2 of 3 hosts. Not shown:",
    "  SYSTEMD PID IDLE (--wide).",
    "via: node",
  ]);
  assert.deepEqual(belowTable([FOOTER], FOOTER.length), [FOOTER]);
});

test("into a pipe it stays one line", () => {
  assert.deepEqual(belowTable([FOOTER], undefined), [FOOTER]);
});

test("a word that is wider than the terminal stays whole", () => {
  assert.deepEqual(belowTable(["from /a/long/path/of/somebody now"], 12), ["from", "  /a/long/path/of/somebody", "  now"]);
});

test("a colour ends with its line and begins again on the next", () => {
  const [hidden = ""] = notShown(["SYSTEMD", "PID", "IDLE"], colourStyle);
  const faint = hidden.slice(0, hidden.indexOf("Not"));
  assert.deepEqual(belowTable([`3 agents. ${hidden}`], 30), [
    `3 agents. ${faint}Not shown: SYSTEMD\x1b[0m`,
    `  ${faint}PID IDLE (--wide).\x1b[0m`,
  ]);
});

test("a table that shows every column names none", () => {
  assert.deepEqual(notShown([], plainStyle), []);
  assert.deepEqual(notShown(["PID"], plainStyle, "--json"), ["Not shown: PID (--json)."]);
});
