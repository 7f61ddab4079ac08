import assert from "node:assert/strict";
import { test } from "node:test";
import { isMapping, parseJson, parseMapping, textOf } from "./json-values.ts";

test("half a line is no JSON, and nothing is thrown", () => {
  assert.deepEqual([parseJson('{"a":1'), parseJson(""), parseJson("[1]")], [undefined, undefined, [1]]);
});

test("a list, null and a text are no mappings", () => {
  assert.deepEqual(["[1]", "null", '"a"', "nonsense"].map(parseMapping), [undefined, undefined, undefined, undefined]);
  assert.deepEqual(parseMapping('{"a":1}'), { a: 1 });
  assert.deepEqual([isMapping([]), isMapping(null), isMapping({})], [false, false, true]);
});

test("what is no text counts as an empty one", () => {
  assert.deepEqual([textOf("a"), textOf(1), textOf(undefined)], ["a", "", ""]);
});
