import assert from "node:assert/strict";
import { test } from "node:test";
import { sizeText } from "./size-text.ts";

test("sizes have the unit that makes them short", () => {
  const cases: [number, string][] = [
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [9949, "9.9 kB"],
    [9960, "10 kB"],
    [999_499, "999 kB"],
    [999_500, "1.0 MB"],
    [34_200_000, "34 MB"],
    [1_234_000_000, "1.2 GB"],
    [5e12, "5.0 TB"],
  ];
  for (const [bytes, text] of cases) assert.equal(sizeText(bytes), text);
});
