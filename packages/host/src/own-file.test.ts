import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { assertOwnFile } from "./own-file.ts";

test("a file that others may read or write, or that is a link, is refused with what to type", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "mosaic-own-file-"));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "credentials.pem");
  await assertOwnFile(path, { isSecret: true });
  await writeFile(path, "key", { mode: 0o600 });
  await assertOwnFile(path, { isSecret: true });
  const refused = (hint: RegExp) => (thrown: unknown) =>
    thrown instanceof MosaicError && thrown.code === "NOT_ALLOWED" && hint.test(thrown.hint ?? "");
  await chmod(path, 0o640);
  await assert.rejects(assertOwnFile(path, { isSecret: true }), refused(/^chmod 600 /));
  await assertOwnFile(path, { isSecret: false });
  await chmod(path, 0o620);
  await assert.rejects(assertOwnFile(path, { isSecret: false }), refused(/^chmod go-w /));
  await symlink(path, join(folder, "link.pem"));
  await assert.rejects(assertOwnFile(join(folder, "link.pem"), { isSecret: true }), refused(/the file itself/));
});
