import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

const ROOT = join(import.meta.dirname, "../..");
/** Rules that no test holds, each with its reason in the table. */
const WITHOUT_TEST = ["W15"];

interface Rule {
  readonly name: string;
  readonly tests: readonly { readonly path: string; readonly claim: string }[];
}

async function rules(): Promise<Rule[]> {
  const text = await readFile(join(ROOT, "docs/reliability.md"), "utf8");
  return [...text.matchAll(/^\| (W\d+) [^|]*\| (.*) \|$/gm)].map(([, name = "", cell = ""]) => ({
    name,
    tests: cell
      .split("<br>")
      .flatMap((one) => /^`([^`]+)`: (.+)$/.exec(one) ?? [])
      .reduce<{ path: string; claim: string }[]>((all, part, index, parts) => {
        if (index % 3 === 1) all.push({ path: part, claim: parts[index + 1] ?? "" });
        return all;
      }, []),
  }));
}

test("every rule of Watch is in the table of docs/reliability.md, and names tests that exist", async () => {
  const found = await rules();
  assert.deepEqual(
    found.map((rule) => rule.name),
    Array.from({ length: 15 }, (_, index) => `W${index + 1}`),
  );
  for (const { name, tests } of found) {
    assert.equal(tests.length > 0, !WITHOUT_TEST.includes(name), `${name} names ${tests.length} tests`);
    for (const { path, claim } of tests) {
      const code = await readFile(join(ROOT, path), "utf8");
      assert.ok(code.includes(claim), `${name}: ${path} has no test "${claim}"`);
    }
  }
});
