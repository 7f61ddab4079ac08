import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { MosaicError } from "@mosaic/core";
import { setAside } from "@mosaic/store";
import { aMessage } from "@mosaic/testkit";
import { temporaryStore } from "./temporary-store-for-tests.ts";

const PAGE_BYTES = 4096;
const clock = { nowUnixMs: () => Date.UTC(2026, 10, 21, 9, 8, 7) };

const withCode =
  (code: MosaicError["code"], pattern = /./) =>
  (thrown: unknown) =>
    thrown instanceof MosaicError && thrown.code === code && pattern.test(thrown.message) && thrown.hint !== undefined;

/** A store that was closed with 60 messages of 2 KB in it. */
async function filledStore(context: TestContext) {
  const temporary = temporaryStore(context);
  await using store = await temporary.open();
  const adding = Array.from({ length: 60 }, (_, index) =>
    store.add(aMessage({ messageId: `m-${index}`, text: "x".repeat(2000) })),
  );
  await Promise.all(adding);
  return temporary;
}

/** Opens a store over a file that it must refuse, and sees that it says so, takes nothing, and leaves the file alone. */
async function assertRefused(temporary: ReturnType<typeof temporaryStore>, why: RegExp): Promise<readonly string[]> {
  const before = existsSync(temporary.path) ? readFileSync(temporary.path) : undefined;
  let held: string[];
  {
    await using store = await temporary.open();
    const { refusal = "" } = store.health();
    assert.match(refusal, why);
    assert.ok(refusal.includes(temporary.path), refusal);
    await assert.rejects(store.add(aMessage({ messageId: "new" })), withCode("STORE_UNAVAILABLE", why));
    await assert.rejects(store.update("m-0", aMessage()), withCode("STORE_UNAVAILABLE", why));
    await assert.rejects(store.forget(1e15), withCode("STORE_UNAVAILABLE", why));
    held = [...store.all()].map(({ messageId }) => messageId);
  }
  if (before) assert.ok(before.equals(readFileSync(temporary.path)), "the file was changed");
  return held;
}

describe("a file that is not what was written", () => {
  test("a damaged one is refused and left alone; what can be read of it is answered", async (context) => {
    const temporary = await filledStore(context);
    const bytes = readFileSync(temporary.path);
    // A page in the middle of the table of messages, so that both ends can be reached.
    const page = Math.floor(bytes.length / PAGE_BYTES / 2) * PAGE_BYTES;
    writeFileSync(temporary.path, bytes.fill(0xa5, page, page + PAGE_BYTES));
    const held = await assertRefused(temporary, /can't be used: it is damaged/);
    assert.ok(held.length >= 20 && held.length < 60, `${held.length} of 60`);
    assert.ok(held.includes("m-0") && held.includes("m-59"));
  });

  test("moved aside, it makes way for an empty one, and keeps what it has", async (context) => {
    const temporary = await filledStore(context);
    const bytes = readFileSync(temporary.path).fill(0, 0, 100);
    writeFileSync(temporary.path, bytes);
    await assertRefused(temporary, /not a database/);
    const aside = setAside(temporary.path, clock);
    assert.equal(aside, `${temporary.path}.set-aside-20261121T090807Z`);
    assert.ok(readFileSync(aside).equals(bytes));
    await using store = await temporary.open();
    assert.deepEqual([store.health().refusal, [...store.all()].length], [undefined, 0]);
    assert.equal((await store.add(aMessage())).isNew, true);
  });

  test("text, an empty file and a whole store cut short are refused", async (context) => {
    const temporary = await filledStore(context);
    const bytes = readFileSync(temporary.path);
    writeFileSync(temporary.path, bytes.subarray(0, bytes.length - 3 * PAGE_BYTES));
    await assertRefused(temporary, /can't be used/);
    writeFileSync(temporary.path, "");
    assert.deepEqual(await assertRefused(temporary, /it is empty/), []);
    writeFileSync(temporary.path, "some text\n".repeat(1000));
    await assertRefused(temporary, /not a database/);
  });

  test("another program's database is refused", async (context) => {
    const temporary = temporaryStore(context);
    mkdirSync(dirname(temporary.path));
    const other = new DatabaseSync(temporary.path);
    other.exec("CREATE TABLE message (sequence INTEGER PRIMARY KEY, text TEXT); INSERT INTO message VALUES (1, 'theirs');");
    other.close();
    assert.deepEqual(await assertRefused(temporary, /it is no message store of Mosaic/), []);
  });

  test("one of a newer version is refused by its number", async (context) => {
    const temporary = await filledStore(context);
    const newer = new DatabaseSync(temporary.path);
    newer.exec("PRAGMA user_version = 7");
    newer.close();
    assert.deepEqual(await assertRefused(temporary, /a newer Mosaic made it: it has version 7, and this one knows 1/), []);
  });

  test("a log whose file is gone is refused, and can be moved aside", async (context) => {
    const temporary = await filledStore(context);
    renameSync(temporary.path, `${temporary.path}-wal`);
    await assertRefused(temporary, /its main file is gone/);
    assert.equal(existsSync(temporary.path), false);
    assert.ok(setAside(temporary.path, clock)?.endsWith(".set-aside-20261121T090807Z"));
    await using store = await temporary.open();
    assert.equal(store.health().refusal, undefined);
  });

  test("a receipt that can't be understood is damage, and hides no other", async (context) => {
    const temporary = await filledStore(context);
    const database = new DatabaseSync(temporary.path);
    database.exec("UPDATE progress SET receipt = x'0affffff' WHERE sequence = 7");
    database.close();
    const held = await assertRefused(temporary, /message 7 can't be understood/);
    assert.equal(held.length, 59);
  });

  test("one that is taken away while it is in use takes nothing more", async (context) => {
    const temporary = temporaryStore(context);
    await using store = await temporary.open();
    await store.add(aMessage());
    renameSync(temporary.path, `${temporary.path}.elsewhere`);
    await assert.rejects(store.add(aMessage({ messageId: "m-2" })), withCode("STORE_UNAVAILABLE", /was moved away/));
    assert.equal(store.get("m-1")?.text, "go");
    renameSync(`${temporary.path}.elsewhere`, temporary.path);
    assert.equal((await store.add(aMessage({ messageId: "m-2" }))).isNew, true);
  });
});

describe("the file of a message store", () => {
  test("is readable by its owner only, and so are those beside it", async (context) => {
    const temporary = temporaryStore(context);
    const umask = process.umask(0);
    context.after(() => process.umask(umask));
    await using store = await temporary.open();
    await store.add(aMessage());
    const folder = dirname(temporary.path);
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    const modes = readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mode & 0o777]);
    assert.deepEqual(
      Object.fromEntries(modes),
      Object.fromEntries(["", "-shm", "-wal", ".lock"].map((end) => [`inbox.db${end}`, 0o600])),
    );
  });

  test("leaves nothing beside it but its lock when it is closed", async (context) => {
    const { path } = await filledStore(context);
    assert.deepEqual(readdirSync(dirname(path)).sort(), ["inbox.db", "inbox.db.lock"]);
  });

  test("is used by one store at a time: a second is refused, here and in another process, and the first goes on", async (context) => {
    const temporary = temporaryStore(context);
    {
      await using store = await temporary.open();
      await assert.rejects(temporary.open(), withCode("ALREADY_RUNNING"));
      assert.throws(() => setAside(temporary.path, clock), withCode("ALREADY_RUNNING"));
      const program = fileURLToPath(import.meta.resolve("./storing-process-for-tests.ts"));
      const other = promisify(execFile)(process.execPath, [program, temporary.path, "1"]);
      await assert.rejects(other, /ALREADY_RUNNING|another process uses the message store/);
      assert.equal((await store.add(aMessage())).isNew, true);
    }
    await using store = await temporary.open();
    assert.equal([...store.all()].length, 1);
  });

  test("a making that was interrupted is begun anew", async (context) => {
    const temporary = temporaryStore(context);
    mkdirSync(dirname(temporary.path));
    writeFileSync(`${temporary.path}.new`, "half");
    writeFileSync(`${temporary.path}.new-journal`, "half");
    await using store = await temporary.open();
    assert.equal(store.health().refusal, undefined);
    assert.equal((await store.add(aMessage())).isNew, true);
  });

  test("there may be nothing to move aside", (context) => {
    const { path } = temporaryStore(context);
    assert.equal(setAside(path, clock), undefined);
    rmSync(dirname(path), { recursive: true, force: true });
  });
});
