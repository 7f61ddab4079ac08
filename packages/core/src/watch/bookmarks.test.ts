import assert from "node:assert/strict";
import { test } from "node:test";
import { aHostStatus, anAgent, seededRandom } from "@mosaic/testkit";
import type { WatchResponse } from "@mosaic/wire";
import { FleetView } from "./fleet-view.ts";
import { agentKeyOf, hostKeyMessage } from "./keys.ts";
import { clampBookmarkInterval } from "./serve-watch.ts";

import { nextCase, readUntil, serve, upsert } from "./serve-watch-for-tests.ts";

test("a bookmark comes in its time and adds up although changes never pause, whatever they are", async () => {
  const random = seededRandom(11);
  const { log, clock, call, frames } = serve({ rows: 4 });
  const view = new FleetView();
  const beta = aHostStatus({ host: "beta" });
  const churn = () => {
    const name = `a${Math.floor(random() * 4)}`;
    const kind = random();
    if (kind < 0.6) log.publish([upsert(name, `${log.rev}`), upsert(name, `${log.rev} again`)]);
    else if (kind < 0.8) log.publish([{ kind: "delete", key: agentKeyOf(anAgent({ name })) }]);
    else if (kind < 0.9)
      log.publish([
        { kind: "host", status: beta },
        { kind: "upsert", row: anAgent({ host: "beta" }) },
      ]);
    else log.publish([{ kind: "host-removed", key: hostKeyMessage(beta) }]);
  };
  const atMs: number[] = [];
  while (clock.monotonicMs() < 200_000) {
    const { value, done } = await frames.next();
    assert.ok(!done);
    const step = view.apply(value, clock.monotonicMs());
    assert.notEqual(step.kind, "diverged");
    if (value.frame.case === "bookmark") atMs.push(clock.monotonicMs());
    // More than is read: the stream is never at the log's end when it looks again.
    churn();
    churn();
    await clock.advance(20);
  }
  call.abort();
  const gaps = atMs.slice(1).map((each, index) => each - (atMs[index] ?? 0));
  assert.ok(gaps.length >= 30 && Math.max(...gaps) < 10_000, `${gaps.length} bookmarks, ${Math.max(...gaps)} ms apart at most`);
});

test("the ages of a bookmark that had to wait for its changes are as old as those", async () => {
  const { log, clock, frames } = serve();
  await readUntil(frames, "bookmark");
  await clock.advance(6000);
  log.publish([upsert("a0", "one"), upsert("a1", "two")]);
  assert.deepEqual([await nextCase(frames), await nextCase(frames)], ["upsert", "upsert"]);
  await clock.advance(700);
  const { value } = await frames.next();
  assert.ok(value?.frame.case === "bookmark");
  assert.equal(value.frame.value.hosts[0]?.ageMs, aHostStatus().ageMs + 700n);
});

test("the interval of bookmarks is 5 s unless wished otherwise, within 1 to 30 s", () => {
  assert.deepEqual(
    [0, 1, 999, 1000, 12_345, 30_000, 4_000_000_000].map(clampBookmarkInterval),
    [5000, 1000, 1000, 1000, 12_345, 30_000, 30_000],
  );
});

for (const [random, afterMs] of [
  [() => 0, 4000],
  [() => 0.5, 5000],
  [() => 0.999_999, 6000],
] as const) {
  test(`bookmarks come right after the snapshot and then each 5 s varied by 20 %: here ${afterMs} ms`, async () => {
    const { clock, frames } = serve({ random });
    await readUntil(frames, "snapshotEnd");
    assert.equal(await nextCase(frames), "bookmark");
    for (let round = 1; round <= 3; round += 1) {
      let isThere = false;
      const coming = frames.next().then(({ value }) => {
        isThere = true;
        return value as WatchResponse;
      });
      await clock.advance(round * afterMs - 5 - clock.monotonicMs());
      assert.equal(isThere, false, "not before its time");
      await clock.advance(5);
      assert.equal(isThere, true);
      assert.equal((await coming).frame.case, "bookmark");
    }
  });
}

test("a bookmark tells what the server has to say of itself", async () => {
  const { frames } = serve();
  const view = new FleetView();
  for (const one of await readUntil(frames, "bookmark")) view.apply(one, 0);
  assert.deepEqual(
    view.conditions.map((one) => one.type),
    ["AGGREGATOR_WARMING"],
  );
});
