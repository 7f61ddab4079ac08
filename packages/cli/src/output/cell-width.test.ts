import assert from "node:assert/strict";
import { test } from "node:test";
import { ageText, waitText } from "./age-text.ts";
import { beginningOf, cellWidth, padToWidth } from "./cell-width.ts";

test("widths are counted as a terminal does", () => {
  const cases: [string, number][] = [
    ["", 0],
    ["lead", 4],
    ["größe", 5],
    ["日本語", 6],
    ["ｆｕｌｌ", 8],
    ["한국", 4],
    ["e\u0301", 1],
    ["👩‍💻", 2],
    ["🇩🇪", 2],
    ["☂️", 2],
    ["…", 1],
    ["─│", 2],
    ["\u200d", 0],
  ];
  for (const [text, width] of cases) assert.equal(cellWidth(text), width, JSON.stringify(text));
});

test("a cut never splits a character", () => {
  assert.equal(beginningOf("日本語", 5), "日本");
  assert.equal(beginningOf("a👩‍💻b", 2), "a");
  assert.equal(beginningOf("abc", 0), "");
  assert.equal(beginningOf("abc", -1), "");
  assert.equal(beginningOf("e\u0301x", 1), "e\u0301");
});

test("padding counts cells, not characters", () => {
  assert.equal(padToWidth("日本", 6), "日本  ");
  assert.equal(padToWidth("too long", 3), "too long");
});

test("ages round down, waits round up", () => {
  const ages: [number, string][] = [
    [-5, "0s"],
    [0, "0s"],
    [999, "0s"],
    [41_999, "41s"],
    [60_000, "1m"],
    [840_000, "14m"],
    [3_600_000, "1h"],
    [86_399_999, "23h"],
    [86_400_000, "1d"],
    [1e12, "11574d"],
  ];
  for (const [ms, text] of ages) assert.equal(ageText(ms), text);
  const waits: [number, string][] = [
    [1, "1s"],
    [22_000, "22s"],
    [21_001, "22s"],
    [120_000, "2m"],
  ];
  for (const [ms, text] of waits) assert.equal(waitText(ms), text);
});
