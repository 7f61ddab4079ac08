import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { type HookFile, type RuntimeAdapter, runtimeNamed } from "@mosaic/runtimes";
import { memoryIo } from "../io/memory-io.ts";
import { planHookFile } from "../local/hook-files.ts";
import { openHookSite } from "../local/hook-site.ts";
import { applyHooks, type HookWish } from "./apply-hooks.ts";

const home = mkdtempSync(join(tmpdir(), "mosaic-hooks-"));
after(() => rmSync(home, { recursive: true, force: true }));
const settings = join(home, ".tool/settings.json");
beforeEach(() => rmSync(join(home, ".tool"), { recursive: true, force: true }));

const LINE = "mosaic: on\n";
/** Adds a line of ours to the user's, and refuses what it does not understand. */
const file: HookFile = {
  path: settings,
  install(text = "") {
    if (text.includes("{{")) throw new MosaicError("HOOKS_REFUSED", "not understood", { hint: "mend it" });
    return text.includes(LINE) ? text : text + LINE;
  },
  remove: (text) => text.replace(LINE, "") || undefined,
};
const adapter: RuntimeAdapter = { ...runtimeNamed("command"), hooks: { files: () => [file] } };

async function apply(action: HookWish["action"], more: { isDryRun?: boolean; runtime?: RuntimeAdapter } = {}) {
  const recorded: string[] = [];
  const record = async (_runtime: string, paths: readonly string[]) => {
    assert.ok(more.isDryRun !== true && action !== "check", "what changes nothing is not put on record");
    recorded.push(...paths);
  };
  const site = await openHookSite({ mosaicHome: join(home, "m"), rosterPath: join(home, "m/roster.yaml") }, memoryIo());
  const item = await applyHooks(more.runtime ?? adapter, site, { action, isDryRun: more.isDryRun ?? false, record });
  return { ...item, recorded };
}

function given(text: string): void {
  mkdirSync(join(home, ".tool"), { recursive: true });
  writeFileSync(settings, text);
}

test("a file is made, once, on record; --remove takes it away again", async () => {
  const first = await apply("install");
  assert.deepEqual([first.outcome, first.way, first.recorded], ["installed", "files", [settings]]);
  assert.deepEqual(first.files, [{ change: "create", path: settings }]);
  assert.equal(statSync(settings).mode & 0o777, 0o600);
  const second = await apply("install");
  assert.deepEqual([second.outcome, second.recorded], ["in place", []]);
  assert.equal((await apply("remove")).outcome, "removed");
  assert.ok(!existsSync(settings));
  assert.equal((await apply("remove")).outcome, "nothing to do");
});

test("what is the user's stays: text, mode and link", async () => {
  given("theirs: yes\n");
  chmodSync(settings, 0o640);
  const link = join(home, ".tool/link.json");
  symlinkSync(settings, link);
  const linked = { ...adapter, hooks: { files: () => [{ ...file, path: link }] } };
  await apply("install", { runtime: linked });
  assert.equal(readFileSync(settings, "utf8"), `theirs: yes\n${LINE}`);
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.equal(statSync(settings).mode & 0o777, 0o640);
  await apply("remove", { runtime: linked });
  assert.equal(readFileSync(settings, "utf8"), "theirs: yes\n");
});

test("--check and --dry-run change nothing and say what there is to do", async () => {
  given("theirs: yes\n");
  const checked = await apply("check");
  assert.deepEqual([checked.outcome, checked.next], ["missing", "mosaic agent install-hooks command"]);
  const planned = await apply("install", { isDryRun: true });
  assert.deepEqual([planned.outcome, planned.files[0]?.change], ["installed", "update"]);
  assert.equal(readFileSync(settings, "utf8"), "theirs: yes\n");
});

test("a file that can't be understood, or is none, is left alone and told", async () => {
  given("{{ broken");
  const broken = await apply("install");
  assert.deepEqual([broken.outcome, broken.detail, broken.next, broken.recorded], ["refused", "not understood", "mend it", []]);
  assert.equal(readFileSync(settings, "utf8"), "{{ broken");
  rmSync(settings);
  mkdirSync(settings);
  assert.match((await apply("install")).detail, /settings\.json was left as it is: it is not a file/);
  rmSync(settings, { recursive: true });
  symlinkSync(join(home, "gone"), settings);
  assert.match((await apply("install")).detail, /it is a link to .*gone, where there is nothing/);
});

test("what the runtime wrote meanwhile is not lost", async () => {
  given("theirs: yes\n");
  const change = await planHookFile(file, "install");
  given("theirs: changed\n");
  await assert.rejects(change.apply(), (thrown) => thrown instanceof MosaicError && thrown.code === "HOOKS_REFUSED");
  assert.equal(readFileSync(settings, "utf8"), "theirs: changed\n");
});
