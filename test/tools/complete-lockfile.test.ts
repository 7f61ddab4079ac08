import assert from "node:assert/strict";
import { test } from "node:test";
import { missingEntries } from "./complete-lockfile.ts";

test("an optional dependency without an entry gets one for the platform in its name", () => {
  const optionalDependencies = {
    "@x/cli-darwin-arm64": "1.2.3",
    "@x/cli-linux-x64-musl": "1.2.3",
    "@x/cli-linux-armv7": "1.2.3",
  };
  const packages = { "node_modules/@x/cli": { version: "1.2.3", dev: true, optionalDependencies } };
  assert.deepEqual(missingEntries(packages), {
    "node_modules/@x/cli-darwin-arm64": { version: "1.2.3", cpu: ["arm64"], dev: true, optional: true, os: ["darwin"] },
    "node_modules/@x/cli-linux-x64-musl": {
      version: "1.2.3",
      cpu: ["x64"],
      dev: true,
      libc: ["musl"],
      optional: true,
      os: ["linux"],
    },
    "node_modules/@x/cli-linux-armv7": { version: "1.2.3", cpu: ["arm"], dev: true, optional: true, os: ["linux"] },
  });
});

test("a dependency that has its entry, beside or inside the package that wants it, is left alone", () => {
  const packages = {
    "node_modules/a": { version: "1.0.0", optionalDependencies: { b: "1.0.0", c: "1.0.0" } },
    "node_modules/b": { version: "1.0.0" },
    "node_modules/a/node_modules/c": { version: "1.0.0" },
  };
  assert.deepEqual(missingEntries(packages), {});
});

test("a dependency whose platform can't be told is refused, not guessed", () => {
  const packages = { "node_modules/a": { version: "1.0.0", optionalDependencies: { "some-thing": "1.0.0" } } };
  assert.throws(() => missingEntries(packages), /cannot tell the platform of "some-thing"/);
});
