import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { aHostStatus, anAgent } from "@mosaic/testkit";
import { AgentKeySchema } from "@mosaic/wire";
import { FleetLog } from "./fleet-log.ts";
import type { FleetChange } from "./fleet-state.ts";
import { hostKeyMessage } from "./keys.ts";

const upsert = (name: string): FleetChange => ({ kind: "upsert", row: anAgent({ name }) });
const upserts = (count: number, from = 0) => Array.from({ length: count }, (_, index) => upsert(`a${from + index}`));

function logOf(capacity: number): FleetLog {
  const log = new FleetLog({ epoch: "e", capacity });
  log.publish([{ kind: "host", status: aHostStatus() }]);
  return log;
}

test("versions are (epoch, rev): rev rises by one for each change, and the state follows", () => {
  const log = logOf(100);
  log.publish(upserts(3));
  assert.deepEqual([log.rev, log.state.rowCount], [4n, 3]);
  const entries = log.readAfter(0n, 100);
  assert.ok(typeof entries !== "string");
  assert.deepEqual(
    entries.map((entry) => entry.rev),
    [1n, 2n, 3n, 4n],
  );
});

test("reading is exclusive, oldest first, and in portions", () => {
  const log = logOf(100);
  log.publish(upserts(9));
  const entries = log.readAfter(4n, 3);
  assert.ok(typeof entries !== "string");
  assert.deepEqual(
    entries.map((entry) => entry.rev),
    [5n, 6n, 7n],
  );
  assert.deepEqual(log.readAfter(10n, 3), []);
});

test("a cursor exactly at the log's reach is served, and one change earlier is too old", () => {
  const log = logOf(10);
  for (let round = 0; round < 7; round += 1) {
    log.publish(upserts(5, round * 5));
    const reach = log.rev - 10n;
    if (reach < 1n) continue;
    const entries = log.readAfter(reach, 100);
    assert.ok(typeof entries !== "string", `at ${log.rev}`);
    assert.deepEqual([entries[0]?.rev, entries.length], [reach + 1n, 10]);
    assert.equal(log.readAfter(reach - 1n, 100), "too-old");
  }
});

test("one publish larger than the log still ends in the right state", () => {
  const log = logOf(10);
  log.publish(upserts(95));
  assert.equal(log.state.rowCount, 95);
  assert.equal(log.readAfter(1n, 100), "too-old");
  const entries = log.readAfter(log.rev - 10n, 100);
  assert.ok(typeof entries !== "string" && entries.at(-1)?.rev === log.rev);
});

test("a revision that the log has not reached is unknown, never guessed at", () => {
  const log = logOf(10);
  assert.equal(log.readAfter(2n, 10), "unknown");
});

test("waiting readers are woken once, all of them, and not those that stopped waiting", () => {
  const log = logOf(10);
  const woken: string[] = [];
  log.onNextChange(() => woken.push("a"));
  const b = log.onNextChange(() => woken.push("b"));
  log.onNextChange(() => woken.push("c"));
  b[Symbol.dispose]();
  log.publish([]);
  assert.deepEqual(woken, [], "nothing was published");
  log.publish(upserts(2));
  log.publish(upserts(2));
  assert.deepEqual(woken, ["a", "c"]);
});

test("who waits again while being woken waits for the change after", () => {
  const log = logOf(10);
  let count = 0;
  const again = () => {
    count += 1;
    log.onNextChange(again);
  };
  log.onNextChange(again);
  log.publish(upserts(1));
  assert.equal(count, 1);
  log.publish(upserts(1));
  assert.equal(count, 2);
});

test("of each row only the last change is kept whole, whatever became of it, and every revision stays", () => {
  const log = logOf(100);
  const { tenantId, hostId } = anAgent();
  const key = create(AgentKeySchema, { tenantId, hostId, name: "a1" });
  log.publish(upserts(3));
  log.publish([upsert("a0"), upsert("a0"), { kind: "delete", key }]);
  log.publish([upsert("a1")]);
  const entries = log.readAfter(0n, 100);
  assert.ok(typeof entries !== "string");
  assert.deepEqual(
    entries.map(({ rev, change }) => [rev, change.kind]),
    [
      [1n, "host"],
      [2n, "superseded"],
      [3n, "superseded"],
      [4n, "upsert"],
      [5n, "superseded"],
      [6n, "upsert"],
      [7n, "delete"],
      [8n, "upsert"],
    ],
  );
});

test("a row that changes for the first time after the log was cut short is no trouble", () => {
  const log = logOf(10);
  log.publish([upsert("old")]);
  log.publish(upserts(50));
  log.publish([upsert("old")]);
  const entries = log.readAfter(log.rev - 2n, 10);
  assert.ok(typeof entries !== "string");
  assert.deepEqual(
    entries.map(({ change }) => change.kind),
    ["upsert", "upsert"],
  );
});

test("a log whose capacity nobody sets reaches back as far as its view is large, and no less than 8192 changes", () => {
  const log = new FleetLog({ epoch: "e" });
  log.publish([{ kind: "host", status: aHostStatus() }]);
  for (let round = 0; round < 9; round += 1) log.publish(upserts(1000));
  assert.notEqual(log.readAfter(log.rev - 8192n, 1), "too-old");
  assert.equal(log.readAfter(log.rev - 8193n, 1), "too-old");
  for (let from = 0; from < 20_000; from += 1000) log.publish(upserts(1000, from));
  assert.equal(log.state.rowCount, 20_000);
  assert.notEqual(log.readAfter(log.rev - 20_001n, 1), "too-old", "as many as it has hosts and rows");
  assert.equal(log.readAfter(log.rev - 20_002n, 1), "too-old");
  log.publish([{ kind: "host-removed", key: hostKeyMessage(aHostStatus()) }]);
  assert.equal(log.readAfter(log.rev - 8193n, 1), "too-old", "a view that became small needs no more");
});
