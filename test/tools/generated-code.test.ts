import assert from "node:assert/strict";
import { test } from "node:test";
import { compare } from "./generated-code.ts";
import { temporaryFolder } from "./temporary-folder.ts";

test("files that differ, or are only on one side, are named; others beside them are not looked at", () => {
  using a = temporaryFolder({ "gen/same": "1", "gen/deep/other": "1", "gen/deep/new": "1", "left/alone": "1", single: "1" });
  using b = temporaryFolder({ "gen/same": "1", "gen/deep/other": "2", "gen/old": "1", "left/alone": "2", single: "1" });
  assert.deepEqual(compare(a.path, b.path, ["gen", "single"]), {
    files: 5,
    differences: ["gen/deep/new", "gen/deep/other", "gen/old"],
  });
});

test("comparing nothing says that no file was seen", () => {
  using a = temporaryFolder();
  assert.deepEqual(compare(a.path, a.path, ["gen"]), { files: 0, differences: [] });
});
