import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import type { MessageStore } from "@mosaic/core";
import { aMessage, pick, seededRandom } from "@mosaic/testkit";
import { ReceiptSchema } from "@mosaic/wire";
import { temporaryStore } from "./temporary-store-for-tests.ts";

const CUTS = 40;
const seed = Number(process.env["MOSAIC_TEST_SEED"] ?? Date.now() % 1_000_000);

/** What a store holds, in a word. */
const stateOf = (store: MessageStore) =>
  JSON.stringify([...store.all()].map(({ messageId, text, receipt }) => [messageId, text.length, receipt.attempt]));

/** Changes a store step by step, and keeps the files as they are while it is open.
 *  @returns what it held after each step, with the length of the log then */
async function record(path: string, store: MessageStore, copy: string, random: () => number) {
  const states = [{ logBytes: 0, state: stateOf(store) }];
  for (let step = 0; step < 40; step += 1) {
    const held = [...store.all()];
    if (held.length === 0 || random() < 0.5)
      await store.add(aMessage({ messageId: `m-${step}`, to: `a-${step}`, text: "x".repeat(Math.floor(random() * 9000)) }));
    else {
      const { messageId, receipt } = pick(held, random);
      await store.update(messageId, { receipt: create(ReceiptSchema, { ...receipt, attempt: step }) });
    }
    states.push({ logBytes: statSync(`${path}-wal`).size, state: stateOf(store) });
  }
  // By another process: closing a file of which SQLite holds locks would end these.
  execFileSync("cp", [path, `${path}-wal`, copy]);
  return states;
}

test(`a log that is cut or spoilt anywhere gives back all before it (${CUTS} times, MOSAIC_TEST_SEED=${seed})`, async (context) => {
  const random = seededRandom(seed);
  const { folder, path, open } = temporaryStore(context);
  const copy = join(folder, "copy");
  mkdirSync(copy);
  let states: { logBytes: number; state: string }[];
  {
    await using store = await open();
    states = await record(path, store, copy, random);
  }
  const log = readFileSync(join(copy, "inbox.db-wal"));
  assert.equal(states.at(-1)?.logBytes, log.length);
  for (let cut = 0; cut < CUTS; cut += 1) {
    // The first frame begins after the 32 bytes that head the log.
    const at = 32 + Math.floor(random() * (log.length - 32));
    rmSync(dirname(path), { recursive: true });
    mkdirSync(dirname(path));
    for (const name of ["inbox.db", "inbox.db-wal"]) copyFileSync(join(copy, name), join(dirname(path), name));
    if (cut % 2 === 0) truncateSync(`${path}-wal`, at);
    else writeFileSync(`${path}-wal`, Buffer.from(log).fill((log[at] ?? 0) ^ 0x10, at, at + 1));
    await using store = await open();
    assert.equal(store.health().refusal, undefined);
    assert.equal(stateOf(store), states.findLast(({ logBytes }) => logBytes <= at)?.state, `at ${at} of ${log.length}`);
    assert.equal((await store.add(aMessage({ messageId: "after" }))).isNew, true);
  }
});
