import assert from "node:assert/strict";
import { test } from "node:test";
import { buildPath } from "./build-path.ts";

const options = { inheritedPath: "/usr/bin:/bin", homeDirectory: "/home/u" };

test("override, npm prefix and the home's two directories come first, in that order", () => {
  const full = { ...options, override: "/opt/a:/opt/b", npmPrefix: "/opt/npm" };
  assert.equal(
    buildPath(full, () => true),
    "/opt/a:/opt/b:/opt/npm/bin:/home/u/.npm-global/bin:/home/u/.local/bin:/usr/bin:/bin",
  );
});

test("only directories that exist are added, and the inherited path stays as it is", () => {
  assert.equal(
    buildPath(options, (path) => path === "/home/u/.local/bin"),
    "/home/u/.local/bin:/usr/bin:/bin",
  );
  assert.equal(
    buildPath({ ...options, override: "/opt/a", npmPrefix: "/opt/npm" }, () => false),
    "/usr/bin:/bin",
  );
  assert.equal(
    buildPath({ ...options, npmPrefix: "", override: "" }, (path) => !path.startsWith("/home")),
    "/usr/bin:/bin",
  );
});

test("nothing is named twice, and the first place wins", () => {
  const inheritedPath = "/usr/bin:/home/u/.local/bin:/bin:/usr/bin";
  assert.equal(
    buildPath({ ...options, inheritedPath }, () => true),
    "/home/u/.npm-global/bin:/home/u/.local/bin:/usr/bin:/bin",
  );
});

test("entries that mean the working directory are dropped", () => {
  assert.equal(
    buildPath({ inheritedPath: ":.:/usr/bin::bin:", homeDirectory: "/home/u/", override: "tools:../x" }, (path) =>
      path.endsWith("local/bin"),
    ),
    "/home/u/.local/bin:/usr/bin",
  );
});
