import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { checksumOf, listedSum } from "./checksum.ts";
import { layoutAt } from "./layout.ts";
import { compareVersions, parseWish } from "./package-source.ts";
import { newerElsewhere, unreadableStores } from "./store-formats.ts";

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "mosaic-source-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test("what is wanted is a version or tag of npm, a tarball, or the newest of a folder", (t) => {
  const path = folder(t);
  const layout = layoutAt(join(path, "share"), join(path, "bin"));
  for (const version of ["1.9.0", "1.10.0-rc.1", "1.10.0", "1.2.0"]) writeFileSync(join(path, `mosaic-fleet-${version}.tgz`), "");
  const wish = (word?: string) => parseWish(word, path, layout);
  assert.deepEqual(wish(), { kind: "npm", spec: "latest" });
  assert.deepEqual(wish("next"), { kind: "npm", spec: "next" });
  assert.deepEqual(wish("v1.2.3"), { kind: "npm", spec: "1.2.3" });
  assert.deepEqual(wish("./mosaic-fleet-1.2.0.tgz"), { kind: "tarball", path: join(path, "mosaic-fleet-1.2.0.tgz") });
  assert.deepEqual(wish("."), { kind: "tarball", path: join(path, "mosaic-fleet-1.10.0.tgz") });
  assert.throws(() => wish("1.2"), { code: "USAGE" });
  assert.throws(() => wish("-; rm"), { code: "USAGE" });
  assert.throws(() => wish("./gone.tgz"), { code: "MACHINE", message: /there is no such file/ });
  mkdirSync(join(path, "empty"));
  assert.throws(() => wish("./empty"), { code: "MACHINE", message: /has no mosaic-fleet-<version>\.tgz/ });
});

test("versions are compared by number, and one that is finished is newer than its candidates", () => {
  const sorted = ["1.10.0", "1.9.9", "1.10.0-rc.2", "1.10.0-rc.10", "2.0.0"].sort(compareVersions);
  assert.deepEqual(sorted, ["1.9.9", "1.10.0-rc.2", "1.10.0-rc.10", "1.10.0", "2.0.0"]);
});

test("a tarball that is not what SHA256SUMS beside it names is refused; one that it does not name is nobody's word", async (t) => {
  const path = folder(t);
  const tarball = join(path, "mosaic-fleet-1.0.0.tgz");
  writeFileSync(tarball, "bytes");
  const sha256 = createHash("sha256").update("bytes").digest("hex");
  assert.deepEqual(await checksumOf(tarball), { sha256, isListed: false });
  writeFileSync(join(path, "SHA256SUMS"), `${sha256}  mosaic-fleet-1.0.0.tgz\n`);
  assert.deepEqual(await checksumOf(tarball), { sha256, isListed: true });
  writeFileSync(tarball, "other bytes");
  await assert.rejects(checksumOf(tarball), { code: "INCOMPATIBLE", message: /is not what .*SHA256SUMS names/ });
  assert.equal(listedSum(`${sha256} *./a/b.tgz\n`, "b.tgz"), sha256);
});

test("a version that can't read what is on disk is told by the stores' own numbers", (t) => {
  const home = folder(t);
  mkdirSync(join(home, "fleet/messages"), { recursive: true });
  assert.deepEqual(unreadableStores(home, { messages: 1, membership: 1 }), []);
  const header = Buffer.alloc(100);
  header.write("SQLite format 3\0", "latin1");
  header.writeUInt32BE(2, 60);
  writeFileSync(join(home, "fleet/messages/inbox.db"), header);
  writeFileSync(join(home, "fleet/membership.json"), '{"schema":"mosaic.membership.v3"}');
  assert.deepEqual(unreadableStores(home, { messages: 1, membership: 1 }), [
    "the format of the messages of the node is 2, which a newer version made, and it knows formats up to 1",
    "the format of the membership of the aggregator is 3, which a newer version made, and it knows formats up to 1",
  ]);
  assert.deepEqual(unreadableStores(home, { messages: 2, membership: 3 }), []);
  assert.deepEqual(unreadableStores(home, {}), [], "a package that does not say is not judged");
  assert.equal(newerElsewhere({ database: 2 }, { database: 1 }).length, 1);
  assert.deepEqual(newerElsewhere({ database: 1 }, { database: 1 }), []);
});
