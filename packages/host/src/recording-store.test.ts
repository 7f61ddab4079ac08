import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { MosaicError } from "@mosaic/core";
import { recordingStore } from "./recording-store.ts";

const ID = "20251121T100000500Z-3f9a1c";
const LATER = "20251121T100000501Z-000000";

async function temporaryStore(context: TestContext) {
  const outside = await mkdtemp(join(tmpdir(), "mosaic-recordings-"));
  context.after(() => rm(outside, { recursive: true, force: true }));
  const folder = join(outside, "fleet/sessions");
  return { outside, folder, store: recordingStore(folder) };
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString();
}

const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
const refuses = (code: string, pattern: RegExp) => (error: unknown) =>
  error instanceof MosaicError && error.code === code && pattern.test(error.message);

test("what is recorded is listed and read, and is its owner's alone", async (context) => {
  const { folder, store } = await temporaryStore(context);
  assert.deepEqual(await store.list(), []);
  const recording = await store.create("lead", ID);
  await recording.append(Buffer.from("one\n"));
  await recording.append(Buffer.from("two\n"));
  const [file, ...more] = await store.list("lead");
  assert.deepEqual(more, []);
  assert.deepEqual([file?.id, file?.agent, file?.bytes, file?.isBeingWritten], [ID, "lead", 8, true]);
  assert.equal(file?.path, join(folder, `lead/${ID}.cast`));
  assert.equal(file?.startedUnixMs, 1_763_719_200_500);
  assert.equal(await textOf(store.read("lead", ID)), "one\ntwo\n");
  assert.deepEqual([await mode(folder), await mode(join(folder, "lead")), await mode(file.path)], ["700", "700", "600"]);
  await recording.close();
  await recording.close();
  assert.equal((await store.list())[0]?.isBeingWritten, false);
  assert.deepEqual(await readdir(join(folder, "lead")), [`${ID}.cast`]);
});

test("folders that others could look into are closed to them", async (context) => {
  const { folder, store } = await temporaryStore(context);
  await mkdir(join(folder, "lead"), { recursive: true });
  await chmod(join(folder, "lead"), 0o755);
  await (await store.create("lead", ID)).close();
  assert.equal(await mode(join(folder, "lead")), "700");
});

test("recordings of all agents come oldest first, and other files are none", async (context) => {
  const { folder, store } = await temporaryStore(context);
  await (await store.create("lead", LATER)).close();
  await (await store.create("coder.0", ID)).close();
  await writeFile(join(folder, "lead/notes.txt"), "");
  await mkdir(join(folder, `lead/${ID}.cast`));
  assert.deepEqual(
    (await store.list()).map(({ agent, id }) => [agent, id]),
    [
      ["coder.0", ID],
      ["lead", LATER],
    ],
  );
  assert.deepEqual(await store.list("nobody"), []);
});

test("a recording that is there is not written over", async (context) => {
  const { folder, store } = await temporaryStore(context);
  await (await store.create("lead", ID)).close();
  await writeFile(join(folder, `lead/${ID}.cast`), "kept");
  await assert.rejects(store.create("lead", ID), refuses("MACHINE", /cannot record to .*3f9a1c\.cast: /));
  assert.equal(await textOf(store.read("lead", ID)), "kept");
  assert.equal((await store.list())[0]?.isBeingWritten, false);
});

test("deleting deletes, also what is not there", async (context) => {
  const { store } = await temporaryStore(context);
  await (await store.create("lead", ID)).close();
  await store.delete("lead", ID);
  await store.delete("lead", ID);
  await store.delete("nobody", ID);
  assert.deepEqual(await store.list(), []);
});

test("no name leads out of the folder", async (context) => {
  const { store } = await temporaryStore(context);
  for (const agent of ["..", ".", "", "a/b", "../x", "a\0b", "/etc"]) {
    await assert.rejects(store.create(agent, ID), refuses("USAGE", /is no agent's name/), agent);
    await assert.rejects(store.delete(agent, ID), refuses("USAGE", /./));
    await assert.rejects(textOf(store.read(agent, ID)), refuses("USAGE", /./));
  }
  for (const id of ["..", "../../x", "x", `${ID}/../y`])
    await assert.rejects(store.create("lead", id), refuses("USAGE", /is no recording's name/), id);
});

test("links are neither followed nor listed", async (context) => {
  const { outside, folder, store } = await temporaryStore(context);
  await mkdir(join(outside, "elsewhere"));
  await writeFile(join(outside, `elsewhere/${ID}.cast`), "secret");
  await mkdir(join(folder, "coder0"), { recursive: true });
  await symlink(join(outside, "elsewhere"), join(folder, "lead"));
  await symlink(join(outside, `elsewhere/${ID}.cast`), join(folder, `coder0/${ID}.cast`));
  assert.deepEqual(await store.list(), []);
  assert.deepEqual(await store.list("lead"), []);
  await assert.rejects(textOf(store.read("lead", ID)), refuses("MACHINE", /it is a link or a file/));
  await assert.rejects(textOf(store.read("coder0", ID)), refuses("MACHINE", /it is a link/));
  await assert.rejects(store.create("lead", LATER), refuses("MACHINE", /cannot make the folder/));
  await assert.rejects(store.create("coder0", ID), refuses("MACHINE", /cannot record to/));
  await assert.rejects(store.delete("lead", ID), refuses("MACHINE", /cannot delete/));
  assert.equal(await readFile(join(outside, `elsewhere/${ID}.cast`), "utf8"), "secret");
});

test("a mark that outlived its writer says nothing, and goes with the next recording", async (context) => {
  const { folder, store } = await temporaryStore(context);
  await (await store.create("lead", ID)).close();
  await writeFile(join(folder, `lead/.${ID}.writing`), `${process.pid} 1\n`);
  assert.equal((await store.list())[0]?.isBeingWritten, false);
  await (await store.create("lead", LATER)).close();
  assert.deepEqual((await readdir(join(folder, "lead"))).sort(), [`${ID}.cast`, `${LATER}.cast`]);
});

test("what the system refuses is told with what was asked of it", async (context) => {
  const { folder, store } = await temporaryStore(context);
  const recording = await store.create("lead", ID);
  await recording.close();
  await assert.rejects(recording.append(Buffer.from("x")), refuses("MACHINE", /cannot record to/));
  await rm(folder, { recursive: true });
  await writeFile(folder, "a file where the folder should be");
  await assert.rejects(store.create("lead", ID), refuses("MACHINE", /cannot make the folder/));
});

test("nothing stays of a recording that a full disk let begin and not be marked", async (context) => {
  const { folder } = await temporaryStore(context);
  const script = `const { recordingStore } = await import(${JSON.stringify(import.meta.resolve("./recording-store.ts"))});
    await recordingStore(${JSON.stringify(folder)}).create("lead", "${ID}").catch(({ message }) => console.log(message));`;
  // Files may be made, and nothing be written to them.
  const full = ["-c", 'trap "" XFSZ; ulimit -f 0; exec "$0" "$@"', process.execPath, "--input-type=module", "-e", script];
  const { stdout, stderr } = spawnSync("sh", full, { encoding: "utf8" });
  assert.match(stdout, /^cannot record to .*lead.*\.cast: /, stderr);
  assert.deepEqual(await readdir(join(folder, "lead")), []);
});
