import assert from "node:assert/strict";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { assertOwnHome } from "./own-folder.ts";

function homeOf(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "mosaic-own-folder-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const home = join(folder, "home");
  const run = join(home, "fleet/run");
  mkdirSync(run, { recursive: true, mode: 0o700 });
  return { folder, home, fleet: join(home, "fleet"), run };
}

const refused = (message: RegExp, hint: RegExp) => (thrown: unknown) =>
  thrown instanceof MosaicError && thrown.code === "NOT_ALLOWED" && message.test(thrown.message) && hint.test(thrown.hint ?? "");

test("a home that is this user's alone is run in, also one that is not there yet, and one that is reached by a link", async (context) => {
  const { folder, home, run } = homeOf(context);
  await assertOwnHome(run);
  await assertOwnHome(join(folder, "none/fleet/run"));
  symlinkSync(home, join(folder, "link"));
  await assertOwnHome(join(folder, "link/fleet/run"));
});

test("a folder in which others may put something is refused by name, whichever of them it is", async (context) => {
  const { home, fleet, run } = homeOf(context);
  const kept = ["messages", "identity", "ca"].map((name) => join(fleet, name));
  for (const path of kept) mkdirSync(path, { mode: 0o700 });
  for (const path of [home, fleet, run, ...kept]) {
    for (const mode of [0o770, 0o702]) {
      chmodSync(path, mode);
      await assert.rejects(
        assertOwnHome(run),
        refused(new RegExp(`^refusing to run in ${path}: its mode is 0${mode.toString(8)}`), /^chmod go-w /),
      );
    }
    chmodSync(path, 0o755);
    await assertOwnHome(run);
  }
});

test("a link that was planted in place of a folder is not followed", async (context) => {
  const { folder, fleet, run } = homeOf(context);
  for (const path of [run, fleet]) {
    const theirs = join(folder, "theirs");
    renameSync(path, theirs);
    symlinkSync(theirs, path);
    await assert.rejects(assertOwnHome(run), refused(new RegExp(`^refusing to run in ${path}: it is a link`), /^ls -ld /));
    rmSync(path);
    renameSync(theirs, path);
  }
  rmSync(run, { recursive: true });
  writeFileSync(run, "");
  await assert.rejects(assertOwnHome(run), refused(/it is no folder/, /^mv /));
});

test("a folder that somebody else made first is refused", { skip: process.getuid?.() !== 0 && "needs root" }, async (context) => {
  const { fleet, run } = homeOf(context);
  chownSync(fleet, 12_345, 12_345);
  await assert.rejects(assertOwnHome(run), refused(/fleet: it belongs to user 12345$/, /^sudo chown -R 0 /));
});

test("messages may be on another disk, behind a link of ours, where nobody else may write", async (context) => {
  const { folder, fleet, run } = homeOf(context);
  const disk = join(folder, "disk");
  mkdirSync(disk, { mode: 0o700 });
  symlinkSync(disk, join(fleet, "messages"));
  await assertOwnHome(run);
  chmodSync(disk, 0o777);
  await assert.rejects(assertOwnHome(run), refused(/messages: its mode is 0777/, /^chmod go-w /));
});
