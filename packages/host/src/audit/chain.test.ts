import assert from "node:assert/strict";
import { test } from "node:test";
import { type AuditHead, CHECKPOINT_ACTION, EMPTY_HEAD, lineHash, verifyAudit } from "./chain.ts";
import { chainOf, linesOf } from "./chain-for-tests.ts";

const found = async (lines: readonly string[], head?: AuditHead) =>
  (await verifyAudit(linesOf(lines), { head })).problems.map(({ kind, index, line }) => [kind, index, line]);

test("a log as it was written has no problem, and says where it ends", async () => {
  const { lines, head } = chainOf(5);
  const report = await verifyAudit(linesOf(lines), { head });
  assert.deepEqual([report.records, report.problems, report.head], [5, [], head]);
  assert.deepEqual((await verifyAudit(linesOf([]), { head: EMPTY_HEAD })).problems, []);
});

test("a changed record is found wherever it stands, the first and the last too", async () => {
  const { lines, head } = chainOf(5);
  for (let at = 0; at < 5; at += 1) {
    const forged = lines.with(at, lines[at]?.replace("agent.reset", "agent.raise") ?? "");
    assert.deepEqual(await found(forged, head), [["changed", at + 1, Math.min(at + 2, 5)]], `record ${at + 1}`);
  }
});

test("a record that was taken out is found by its index, at the beginning, in the middle and at the end", async () => {
  const { lines, head } = chainOf(5);
  assert.deepEqual(await found(lines.toSpliced(0, 1), head), [["missing", 1, 1]]);
  assert.deepEqual(await found(lines.toSpliced(2, 1), head), [["missing", 3, 3]]);
  assert.deepEqual(await found(lines.toSpliced(3, 2), head), [["cut-off", 4, 3]]);
  assert.deepEqual(await found([], head), [["cut-off", 1, 0]]);
});

test("records that changed places are found", async () => {
  const { lines, head } = chainOf(5);
  const swapped = lines.with(1, lines[2] ?? "").with(2, lines[1] ?? "");
  assert.deepEqual(
    (await found(swapped, head)).map(([kind, index]) => [kind, index]),
    [
      ["missing", 2],
      ["out-of-order", 2],
    ],
  );
});

test("a record that was doubled or put in is found", async () => {
  const { lines, head } = chainOf(3);
  assert.deepEqual(await found([...lines, lines[2] ?? ""], head), [["out-of-order", 3, 4]]);
  const forged = JSON.stringify({ index: 2, prev: lineHash(lines[0] ?? ""), at: "t", action: "agent.raise", facts: {} });
  assert.notDeepEqual(await found(lines.toSpliced(1, 0, forged), head), []);
});

test("lines from before the chain are counted, and nothing more is said of them", async () => {
  const { lines, head } = chainOf(2);
  const report = await verifyAudit(linesOf([`{"at":"t","action":"fleet.start"}`, ...lines]), { head });
  assert.deepEqual([report.unchained, report.records, report.problems], [1, 2, []]);
});

test("a checkpoint is judged by its signature over what stands before it", async () => {
  const { lines, head } = chainOf(1);
  const line = JSON.stringify({ index: 2, prev: head.hash, at: "t", action: CHECKPOINT_ACTION, facts: { signature: "x" } });
  const judge = (wrong?: string) =>
    verifyAudit(linesOf([...lines, line]), { judgeCheckpoint: ({ prev }) => (prev === head.hash ? wrong : "?") });
  assert.deepEqual([(await judge()).checkpoints, (await judge()).problems], [1, []]);
  assert.equal((await judge("forged")).problems[0]?.kind, "bad-checkpoint");
});

test("half a line that a power cut left is counted, and breaks no chain; a record made unreadable is missing", async () => {
  const { lines, head } = chainOf(3);
  const torn = await verifyAudit(linesOf(lines.toSpliced(1, 0, '{"index":2,"pr')), { head });
  assert.deepEqual([torn.fragments, torn.problems], [1, []]);
  assert.deepEqual(await found(lines.with(1, "garbage"), head), [["missing", 2, 3]]);
});
