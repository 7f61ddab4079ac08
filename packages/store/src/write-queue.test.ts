import assert from "node:assert/strict";
import { test } from "node:test";
import { MosaicError, silentLog } from "@mosaic/core";
import { aMessage, eventually, FakeClock } from "@mosaic/testkit";
import type { CommitResult, Journal, Write } from "./journal.ts";
import { DEFAULT_MESSAGE_LIMITS } from "./message-limits.ts";
import { DurableMessageStore } from "./message-store.ts";

const done: CommitResult = { kind: "done", addsRefused: undefined };
const failed = (isDoubtful: boolean): CommitResult => ({
  kind: "failed",
  trouble: { reason: "the disk failed", hint: "look at it", isLasting: false },
  isDoubtful,
});

/** A journal that writes nothing, whose commits end when and as the test says. */
class HeldJournal implements Journal {
  readonly commits: { readonly writes: readonly Write[]; readonly end: (result: CommitResult) => void }[] = [];
  records = { records: [], lastSequence: 0, trouble: undefined, isComplete: true };
  isAuto = false;

  async open() {
    return this.records;
  }
  commit(writes: readonly Write[]): Promise<CommitResult> {
    return new Promise((end) => {
      this.commits.push({ writes, end });
      if (this.isAuto) end(done);
    });
  }
  readText = () => "";
  damage = (reason: string) => ({ reason, hint: "", isLasting: true });
  async [Symbol.asyncDispose]() {}

  /** Waits for the commit of that number, counted from 0. */
  nth(number: number) {
    return eventually(`commit ${number}`, () => this.commits[number]);
  }
}

async function heldStore() {
  const journal = new HeldJournal();
  const limits = { ...DEFAULT_MESSAGE_LIMITS, maxPendingPerAgent: 10_000 };
  const store = new DurableMessageStore({ journal, clock: new FakeClock(), log: silentLog }, { limits, retryMs: 1e9 });
  await store.open();
  return { journal, store };
}

const kinds = (writes: readonly Write[]) => writes.map(({ kind }) => kind);

test("what comes together, and what comes while a commit runs, is one commit each", async () => {
  const { journal, store } = await heldStore();
  const addAll = (letter: string, count: number) =>
    Promise.all(Array.from({ length: count }, (_, index) => store.add(aMessage({ messageId: `${letter}-${index}` }))));
  const first = addAll("a", 100);
  const { writes, end } = await journal.nth(0);
  assert.equal(writes.length, 100);
  const second = addAll("b", 200);
  assert.equal(store.get("a-1"), undefined, "nothing is there before it is on disk");
  end(done);
  await first;
  assert.equal(store.get("a-1")?.text, "go");
  const next = await journal.nth(1);
  assert.equal(next.writes.length, 200);
  next.end(done);
  await second;
  assert.equal(journal.commits.length, 2);
});

test("one commit takes no more than 1,024 writes, nor 8 MiB of text but for a single one", async () => {
  const { journal, store } = await heldStore();
  journal.isAuto = true;
  const many = Array.from({ length: 2500 }, (_, index) => store.add(aMessage({ messageId: `m-${index}`, to: `a-${index}` })));
  await Promise.all(many);
  assert.deepEqual(
    journal.commits.map(({ writes }) => writes.length),
    [1024, 1024, 452],
  );
  const text = "x".repeat(1024 * 1024);
  await Promise.all(
    Array.from({ length: 20 }, (_, index) => store.add(aMessage({ messageId: `l-${index}`, to: `l-${index}`, text }))),
  );
  assert.deepEqual(
    journal.commits.slice(3).map(({ writes }) => writes.length),
    [8, 8, 4],
  );
});

test("after a commit that ended in doubt, what it may have written is put right before anything else is written", async () => {
  const { journal, store } = await heldStore();
  const first = store.add(aMessage({ messageId: "kept" }));
  (await journal.nth(0)).end(done);
  const { message } = await first;
  const doubted = [
    store.add(aMessage({ messageId: "doubted" })),
    store.update("kept", { receipt: { ...message.receipt, attempt: 9 } }),
  ];
  const outcomes = Promise.allSettled(doubted);
  (await journal.nth(1)).end(failed(true));
  for (const outcome of await outcomes) {
    assert.ok(outcome.status === "rejected" && outcome.reason instanceof MosaicError);
    assert.deepEqual([outcome.reason.code, outcome.reason.message], ["STORE_UNAVAILABLE", "the disk failed"]);
  }
  assert.deepEqual([store.get("doubted"), store.get("kept")], [undefined, message]);

  const again = store.add(aMessage({ messageId: "doubted" }));
  // As long as it can't be put right, nothing is written, and what was to be written is known not to be there.
  const unsettled = assert.rejects(again, { code: "STORE_UNAVAILABLE" });
  (await journal.nth(2)).end(failed(true));
  await unsettled;
  assert.deepEqual(kinds(journal.commits[2]?.writes ?? []), ["forget", "update"]);

  const last = store.add(aMessage({ messageId: "doubted" }));
  const { writes, end } = await journal.nth(3);
  const [forgotten, restored] = writes;
  assert.deepEqual(forgotten, { kind: "forget", sequences: [2] });
  assert.ok(restored?.kind === "update" && restored.messageId === "kept" && restored.sequence === message.sequence);
  end(done);
  (await journal.nth(4)).end(done);
  const added = await last;
  assert.deepEqual([added.isNew, added.message.sequence, store.health().refusal], [true, 4, undefined]);
});

test("after a commit that is known to have failed nothing needs to be put right", async () => {
  const { journal, store } = await heldStore();
  const first = assert.rejects(store.add(aMessage()), { code: "STORE_UNAVAILABLE" });
  (await journal.nth(0)).end(failed(false));
  await first;
  journal.isAuto = true;
  await store.add(aMessage());
  assert.deepEqual(
    journal.commits.map(({ writes }) => kinds(writes)),
    [["add"], ["add"]],
  );
});

test("lasting trouble refuses at once, and stays", async () => {
  const { journal, store } = await heldStore();
  const first = assert.rejects(store.add(aMessage()), { code: "STORE_UNAVAILABLE" });
  (await journal.nth(0)).end({ kind: "failed", trouble: journal.damage("it is damaged"), isDoubtful: false });
  await first;
  await assert.rejects(store.add(aMessage()), { code: "STORE_UNAVAILABLE", message: "it is damaged" });
  assert.deepEqual([journal.commits.length, store.health().refusal], [1, "it is damaged"]);
});
