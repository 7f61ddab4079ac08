import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { growingFiles } from "./growing-files.ts";
import { spoolFolder } from "./spool-folder.ts";
import { until } from "./tmux/private-server-for-tests.ts";

function aFolder(context: TestContext) {
  const home = mkdtempSync(join(tmpdir(), "mosaic-spool-"));
  context.after(() => rmSync(home, { recursive: true, force: true }));
  const path = join(home, "spool");
  const folder = spoolFolder({ path, onFailure: (error) => assert.fail(error) });
  const leave = (name: string, text = "{}") => {
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, `.${name}`), text);
    renameSync(join(path, `.${name}`), join(path, name));
  };
  return { path, folder, leave };
}

const isNoEvent = (thrown: unknown) => thrown instanceof MosaicError && thrown.code === "USAGE";

test("events are listed in order, as many as are asked for, and what is being written is not", async (context) => {
  const { folder, leave, path } = aFolder(context);
  assert.deepEqual(await folder.list(10), [], "before there is a folder");
  for (let index = 30; index > 0; index -= 1) leave(`${1000 + index}-1.lead.json`);
  writeFileSync(join(path, ".half"), "{");
  assert.deepEqual(await folder.list(3), ["1001-1.lead.json", "1002-1.lead.json", "1003-1.lead.json"]);
  assert.equal((await folder.list(1000)).length, 30);
});

test("an event is read with its time, and one that is gone is none", async (context) => {
  const { folder, leave } = aFolder(context);
  leave("1-1.lead.json", '{"ä":1}');
  const event = await folder.read("1-1.lead.json");
  assert.equal(event?.text, '{"ä":1}');
  assert.ok(Math.abs((event?.modifiedUnixMs ?? 0) - Date.now()) < 60_000);
  await folder.remove("1-1.lead.json");
  await folder.remove("1-1.lead.json");
  assert.equal(await folder.read("1-1.lead.json"), undefined);
});

test("pipes, links, folders and what is larger than any event are refused, and can be taken away", async (context) => {
  const { folder, leave, path } = aFolder(context);
  leave("1-1.lead.json", "x".repeat(700 * 1024));
  execFileSync("mkfifo", [join(path, "2-1.lead.json")]);
  symlinkSync("/etc/hostname", join(path, "3-1.lead.json"));
  mkdirSync(join(path, "4-1.lead.json"));
  for (const name of await folder.list(10)) {
    await assert.rejects(folder.read(name), isNoEvent, name);
    await folder.remove(name);
  }
  assert.deepEqual(await folder.list(10), []);
});

test("what is not understood is kept aside, the last twenty of it", async (context) => {
  const { folder, leave, path } = aFolder(context);
  for (let index = 100; index < 130; index += 1) {
    leave(`${index}-1.lead.json`, "garbage");
    await folder.setAside(`${index}-1.lead.json`);
  }
  assert.deepEqual(await folder.list(10), []);
  const kept = readdirSync(join(path, ".not-understood")).sort();
  assert.deepEqual([kept.length, kept[0]], [20, "110-1.lead.json"]);
});

test("no name leads out of the folder", async (context) => {
  const { folder } = aFolder(context);
  for (const name of ["../x", "a/b", "", ".hidden", "a\0b"]) await assert.rejects(async () => folder.remove(name), name);
});

test("an event that is left is told, also in a folder that was not there", async (context) => {
  const { folder, leave } = aFolder(context);
  let told = 0;
  using _ = folder.onChange(() => {
    told += 1;
  });
  leave("1-1.lead.json");
  await until("it is told", () => told > 0);
});

test("a growing file is read from where one was, and its growth is told", async (context) => {
  const { path } = aFolder(context);
  mkdirSync(path);
  const file = join(path, "transcript.jsonl");
  const files = growingFiles((error) => assert.fail(error));
  assert.equal(await files.size(file), undefined);
  await assert.rejects(files.read(file, 0, 10), (thrown) => thrown instanceof MosaicError && thrown.code === "MACHINE");
  writeFileSync(file, "one\n");
  assert.equal(await files.size(file), 4);
  let told = 0;
  using _ = files.onGrowth(file, () => {
    told += 1;
  });
  writeFileSync(file, "two\nthree\n", { flag: "a" });
  await until("it is told", () => told > 0);
  assert.equal(Buffer.from(await files.read(file, 4, 4)).toString(), "two\n");
  assert.equal(Buffer.from(await files.read(file, 8, 100)).toString(), "three\n");
  assert.equal((await files.read(file, 14, 100)).length, 0);
});
