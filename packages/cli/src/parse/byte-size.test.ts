import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core/light";
import { parseByteSize } from "./byte-size.ts";

test("sizes are read with and without a unit", () => {
  const cases: [string, number][] = [
    ["0", 0],
    ["1500", 1500],
    ["1500B", 1500],
    ["64kB", 64_000],
    ["64K", 64_000],
    ["1.5 GB", 1_500_000_000],
    ["2t", 2e12],
  ];
  for (const [text, bytes] of cases) assert.equal(parseByteSize(text, "--x"), bytes);
});

test("what is no size is refused with the flag's name", () => {
  for (const text of ["", "-1", "much", "1.5.2", "1 EB", "999999999999999T"])
    assert.throws(
      () => parseByteSize(text, "--max-bytes"),
      (error) => error instanceof MosaicError && error.code === "USAGE" && /--max-bytes/.test(error.message),
      text,
    );
});
