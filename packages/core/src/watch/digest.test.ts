import assert from "node:assert/strict";
import { test } from "node:test";
import { ownDigest, seededRandom } from "@mosaic/testkit";
import { addToDigest, fnv1a64, rowDigest } from "./digest.ts";

test("FNV-1a gives the published values", () => {
  // http://www.isthe.com/chongo/tech/comp/fnv/, test vectors of the 64-bit FNV-1a
  assert.equal(fnv1a64(""), 0xcbf29ce484222325n);
  assert.equal(fnv1a64("a"), 0xaf63dc4c8601ec8cn);
  assert.equal(fnv1a64("foobar"), 0x85944171f73967e8n);
});

test("a row's digest is that of its UTF-8 text, also outside ASCII and for large revisions", () => {
  for (const name of ["lead", "köder", "日本", "🦑", ""]) {
    for (const rev of [0n, 1n, 2n ** 63n, 2n ** 64n - 1n]) {
      assert.equal(rowDigest(`team-a/id/${name}`, rev), ownDigest([{ row: { tenantId: "team-a", hostId: "id", name }, rev }]));
    }
  }
});

test("the sum does not depend on the order, and taking away undoes adding", () => {
  const random = seededRandom(1);
  const terms = Array.from({ length: 100 }, (_, index) => rowDigest(`t/h/${index}`, BigInt(Math.floor(random() * 1e9))));
  const sum = terms.reduce(addToDigest, 0n);
  assert.equal(terms.toSorted(() => random() - 0.5).reduce(addToDigest, 0n), sum);
  assert.equal(
    terms.reduce((rest, term) => addToDigest(rest, -term), sum),
    0n,
  );
});
