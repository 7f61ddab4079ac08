import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { tmuxVersion } from "./tmux-version.ts";

const folder = mkdtempSync(join(tmpdir(), "mosaic-tmux-version-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const { signal } = new AbortController();

test("the installed tmux tells its version", async () => {
  assert.match((await tmuxVersion({ PATH: process.env["PATH"] ?? "" }, signal)) ?? "", /\d+\.\d/);
});

test("no tmux on the path is no error", async () => {
  assert.equal(await tmuxVersion({ PATH: folder }, signal), undefined);
});

test("a tmux that can't be run is one", async () => {
  const program = join(folder, "tmux");
  writeFileSync(program, "");
  chmodSync(program, 0o600);
  await assert.rejects(tmuxVersion({ PATH: folder }, signal), { code: "MACHINE" });
});
