import assert from "node:assert/strict";
import { test } from "node:test";
import { errorReference } from "./error-reference.ts";
import { anchorOf, differingLines, markdownTable, paragraphs } from "./page-tools.ts";

test("a heading's anchor is the one that browsers are sent to", () => {
  assert.equal(anchorOf("ROSTER_INVALID (error)"), "roster_invalid-error");
  assert.equal(anchorOf("mosaic fleet ps"), "mosaic-fleet-ps");
});

test("a bar in a cell does not end the cell", () => {
  assert.equal(markdownTable(["a", "b"], [["x|y", "z"]]), "| a | b |\n|---|---|\n| x\\|y | z |");
  assert.equal(markdownTable(["a"], []), "");
});

test("empty paragraphs leave no gap", () => {
  assert.equal(paragraphs("a\n", "", "b"), "a\n\nb\n");
});

test("a stale page is shown from the first line that differs to the last", () => {
  assert.equal(differingLines("a\nb\nc\nd\n", "a\nB\nB2\nc\nd\n"), "@@ line 2 @@\n-b\n+B\n+B2\n");
  assert.equal(differingLines("", "a\n"), "@@ line 1 @@\n+a\n");
});

test("an error that the runbook does not know stops the page", () => {
  assert.throws(() => errorReference("# Error codes\n\n## USAGE\n"), /no heading below "# Error codes" for AGENT_NOT_FOUND, /);
});
