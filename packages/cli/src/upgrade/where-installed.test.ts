import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { installationText, throughCurrent, whereInstalled } from "./where-installed.ts";

test("where a program lies tells how it was installed", () => {
  const kindOf = (here: string) => whereInstalled(here, false, "/usr/bin/node");
  const versions = kindOf("/home/ada/.local/share/mosaic/versions/1.2.3/lib/node_modules/mosaic-fleet/dist/chunks");
  assert.deepEqual(versions, {
    kind: "versions",
    root: "/home/ada/.local/share/mosaic",
    version: "1.2.3",
    folder: "/home/ada/.local/share/mosaic/versions/1.2.3",
  });
  assert.deepEqual(kindOf("/usr/lib/node_modules/mosaic-fleet/dist"), {
    kind: "npm",
    folder: "/usr/lib/node_modules/mosaic-fleet",
  });
  assert.equal(kindOf(import.meta.dirname).kind, "clone");
  const single = whereInstalled("/tmp/x", true, "/opt/mosaic");
  assert.equal(installationText(single), "the single file /opt/mosaic");
});

test("the way through current is taken only where it leads to that very version", (t) => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "mosaic-current-")));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  for (const version of ["1.0.0", "1.1.0"]) mkdirSync(join(root, "versions", version), { recursive: true });
  const inside = "lib/node_modules/mosaic-fleet/dist/mosaic-node.mjs";
  const of = (version: string) => join(root, "versions", version, inside);
  assert.equal(throughCurrent(of("1.0.0")), of("1.0.0"));
  symlinkSync("versions/1.0.0", join(root, "current"));
  assert.equal(throughCurrent(of("1.0.0")), join(root, "current", inside));
  assert.equal(throughCurrent(of("1.1.0")), of("1.1.0"));
  assert.equal(throughCurrent("/usr/bin/node"), "/usr/bin/node");
});
