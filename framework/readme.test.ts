import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const folders = readdirSync(import.meta.dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory());

test("each folder of what hosts and agents are handed is explained where it lies, and in the package's own page", () => {
  const here = readFileSync(join(import.meta.dirname, "README.md"), "utf8");
  const shipped = readFileSync(join(import.meta.dirname, "../packages/cli/README.md"), "utf8");
  assert.ok(folders.length >= 4);
  for (const { name } of folders) {
    assert.ok(here.includes(`\`${name}/`), `framework/README.md says nothing of ${name}/`);
    assert.ok(shipped.includes(`\`framework/${name}\``), `packages/cli/README.md says nothing of framework/${name}`);
  }
});
