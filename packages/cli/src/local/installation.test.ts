import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { locateFramework, locateInstallation } from "./installation.ts";

test("what is missing is told with what mends this installation: a package is installed anew, a clone built", () => {
  const hintOf = (here: string, locate: (here: string) => unknown) => {
    try {
      return locate(here);
    } catch (thrown) {
      assert.ok(thrown instanceof MosaicError && thrown.code === "MACHINE", String(thrown));
      assert.ok(thrown.message.endsWith(` near ${here}`), thrown.message);
      return thrown.hint;
    }
  };
  for (const locate of [locateInstallation, locateFramework]) {
    const inPackage = hintOf("/nonexistent/lib/node_modules/mosaic-fleet/dist/chunks", locate);
    assert.equal(inPackage, "install it anew: npm install --global mosaic-fleet");
    assert.equal(hintOf("/nonexistent/clone/packages/cli/dist", locate), "npm run build");
  }
});

test("a clone run from its sources has its daemons and framework/", () => {
  const { nodeDaemon, aggregatorDaemon, frameworkDirectory } = locateInstallation();
  assert.match(nodeDaemon[1] ?? "", /\/node\/src\/main\.ts$/);
  assert.match(aggregatorDaemon[1] ?? "", /\/aggregator\/src\/main\.ts$/);
  assert.match(frameworkDirectory, /\/framework$/);
});

test("a single file is its own daemons, by their names as its first word", () => {
  const { nodeDaemon, aggregatorDaemon } = locateInstallation(import.meta.dirname, true);
  assert.deepEqual(
    [nodeDaemon, aggregatorDaemon],
    [
      [process.execPath, "mosaic-node"],
      [process.execPath, "mosaic-aggregator"],
    ],
  );
});
