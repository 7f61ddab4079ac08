import assert from "node:assert/strict";
import { test } from "node:test";
import { colourStyle, plainStyle, styleFor } from "./style.ts";

const cases: [string, boolean, boolean, Record<string, string>, boolean][] = [
  ["a terminal has colours", false, true, { TERM: "xterm" }, true],
  ["a pipe has none", false, false, { TERM: "xterm" }, false],
  ["a dumb terminal has none", false, true, { TERM: "dumb" }, false],
  ["NO_COLOR takes them away", false, true, { NO_COLOR: "1" }, false],
  ["an empty NO_COLOR says nothing", false, true, { NO_COLOR: "" }, true],
  ["FORCE_COLOR puts them into a pipe", false, false, { FORCE_COLOR: "1" }, true],
  ["an empty FORCE_COLOR counts", false, false, { FORCE_COLOR: "" }, true],
  ["FORCE_COLOR=0 takes them away", false, true, { FORCE_COLOR: "0" }, false],
  ["NO_COLOR beats FORCE_COLOR", false, true, { NO_COLOR: "1", FORCE_COLOR: "1" }, false],
  ["--no-color beats everything", true, true, { FORCE_COLOR: "1" }, false],
];
for (const [claim, noColor, isTerminal, env, expected] of cases) {
  test(claim, () => assert.equal(styleFor({ noColor, isTerminal, env }), expected ? colourStyle : plainStyle));
}
