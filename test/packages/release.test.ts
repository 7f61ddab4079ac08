/** The parts of `npm run release` that need no package; test/packages/packed.test.ts has the rest. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, test } from "node:test";
import { type SbomInput, sbomText } from "../../packages/cli/tools/sbom.ts";

const root = join(import.meta.dirname, "../..");

const input = {
  release: { name: "ours", version: "1.2.3", description: "what it is", license: "MIT" },
  locked: {
    "node_modules/@a/b": { version: "2.0.0", license: "MIT", integrity: "sha512-AAEC" },
    "node_modules/@a/b/node_modules/c": { version: "3.0.0", license: "(MIT OR Apache-2.0)", integrity: "sha1-/w==" },
    "node_modules/d/node_modules/c": { version: "3.0.0", license: "(MIT OR Apache-2.0)", integrity: "sha1-/w==" },
    "node_modules/for-tests": { version: "9.0.0", license: "MIT", integrity: "sha512-AAEC" },
    "node_modules/node-x": { version: "24.0.0", license: "MIT", integrity: "sha512-AAEC" },
  },
  bundled: ["node_modules/@a/b", "node_modules/@a/b/node_modules/c", "node_modules/d/node_modules/c"],
  optional: ["node_modules/node-x"],
} as const satisfies SbomInput;

describe("the bill of materials", () => {
  test("names what is bundled, each version once, and nothing else that is locked", () => {
    const { components, dependencies } = JSON.parse(sbomText(input));
    const [scoped, nested, node] = components;
    assert.deepEqual(scoped, {
      "bom-ref": "@a/b@2.0.0",
      type: "library",
      name: "@a/b",
      version: "2.0.0",
      scope: "required",
      hashes: [{ alg: "SHA-512", content: "000102" }],
      licenses: [{ license: { id: "MIT" } }],
      purl: "pkg:npm/%40a/b@2.0.0",
    });
    assert.deepEqual(
      [nested.name, nested.hashes[0], nested.licenses],
      ["c", { alg: "SHA-1", content: "ff" }, [{ expression: "(MIT OR Apache-2.0)" }]],
    );
    assert.deepEqual([node.name, node.scope, components.length], ["node-x", "optional", 3]);
    assert.deepEqual(dependencies, [{ ref: "ours@1.2.3", dependsOn: ["@a/b@2.0.0", "c@3.0.0", "node-x@24.0.0"] }]);
  });

  test("is the same for the same sources, and has another serial number for others", () => {
    const other = sbomText({ ...input, bundled: input.bundled.slice(0, 1) });
    const serial = (text: string) => JSON.parse(text).serialNumber;
    assert.equal(sbomText(input), sbomText(input));
    assert.notEqual(serial(sbomText(input)), serial(other));
    assert.match(serial(other), /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test("is not made when the lock file does not know what was bundled", () => {
    assert.throws(
      () => sbomText({ ...input, bundled: ["node_modules/stray"] }),
      /cannot bill node_modules\/stray: .*npm install/,
    );
  });
});

test("without --dry-run nothing is made, and the next command is told", () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "packages/cli/tools/release.ts")], {
    encoding: "utf8",
  });
  assert.deepEqual([status, stdout], [2, ""]);
  assert.match(stderr, /hint: npm run release -- --dry-run\n$/);
});
