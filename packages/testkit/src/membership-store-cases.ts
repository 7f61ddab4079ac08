import assert from "node:assert/strict";
import { eventually } from "./eventually.ts";
import { aRecord, byName, type MembershipStoreCase, NOW, putNew } from "./membership-store/membership-case.ts";
import { sharedMembershipCases } from "./membership-store/shared-cases.ts";
import { refused } from "./message-store/store-case.ts";

const cases: readonly MembershipStoreCase[] = [
  {
    name: "a record is there as it was put, also in a store that is opened later",
    async run(subject) {
      const records = [
        aRecord(),
        aRecord({ role: "aggregator", tenantId: "", name: "eu", hostId: "", addresses: [], reason: "" }),
      ];
      {
        await using store = await subject.open();
        for (const record of records) {
          const stored = await store.put(record, NOW);
          assert.deepEqual({ ...stored, rev: 0 }, record);
          assert.ok((stored?.rev ?? 0) > 0);
        }
      }
      await using store = await subject.open();
      const { records: found } = await store.list(NOW);
      assert.deepEqual(
        byName(found).map((record) => ({ ...record, rev: 0 })),
        records,
      );
    },
  },
  {
    name: "records of another role, tenant or name are others",
    async run(subject) {
      await using store = await subject.open();
      await putNew(store);
      await putNew(store, { tenantId: "team-b" });
      await putNew(store, { name: "beta" });
      await putNew(store, { role: "aggregator" });
      assert.equal((await store.list(NOW)).records.length, 4);
    },
  },
  {
    name: "a record is replaced only by who has read it as it is",
    async run(subject) {
      await using store = await subject.open();
      assert.equal(await store.put(aRecord({ rev: 3 }), NOW), undefined);
      const first = await putNew(store);
      assert.equal(await store.put(aRecord(), NOW), undefined);
      const second = await putNew(store, { ...first, state: "draining" });
      assert.ok(second.rev > first.rev);
      assert.equal(await store.put({ ...first, state: "removed" }, NOW), undefined);
      assert.deepEqual((await store.list(NOW)).records, [second]);
    },
  },
  {
    name: "of changes at the same time one is stored",
    async run(subject) {
      await using store = await subject.open();
      const first = await putNew(store);
      for (const rev of [0, first.rev]) {
        const name = rev === 0 ? "beta" : first.name;
        const puts = await Promise.all(["a", "b", "c"].map((reason) => store.put(aRecord({ name, rev, reason }), NOW)));
        assert.equal(puts.filter((record) => record !== undefined).length, 1);
      }
    },
  },
  {
    name: "a record that was removed stays as a tombstone, and may come back",
    async run(subject) {
      await using store = await subject.open();
      const removed = await putNew(store, { ...(await putNew(store)), state: "removed", reason: "gone for good" });
      assert.deepEqual((await store.list(NOW)).records, [removed]);
      const back = await putNew(store, { ...removed, state: "expected" });
      assert.deepEqual((await store.list(NOW)).records, [back]);
    },
  },
  {
    name: "what changed after a place is told once, as it is now, also to a store that is opened later",
    async run(subject) {
      let cursor: string;
      {
        await using store = await subject.open();
        await putNew(store);
        cursor = (await store.list(NOW)).cursor;
        assert.deepEqual((await store.changesSince(cursor, NOW)).records, []);
      }
      await using store = await subject.open();
      const beta = await putNew(store, { name: "beta" });
      const draining = await putNew(store, { ...beta, state: "draining" });
      const gamma = await putNew(store, { name: "gamma" });
      const changes = await store.changesSince(cursor, NOW);
      assert.deepEqual(byName(changes.records), [draining, gamma]);
      assert.deepEqual((await store.changesSince(changes.cursor, NOW)).records, []);
      assert.deepEqual((await store.changesSince((await store.list(NOW)).cursor, NOW)).records, []);
    },
  },
  {
    name: "who listens hears that something may have changed, until it is disposed of, whatever another one does",
    async run(subject) {
      await using store = await subject.open();
      let calls = 0;
      using _broken = store.onChange(() => {
        throw new Error("a listener that fails");
      });
      const listening = store.onChange(() => {
        calls += 1;
      });
      await putNew(store);
      await eventually("the listener hears", () => calls > 0);
      listening[Symbol.dispose]();
      calls = 0;
      await putNew(store, { name: "beta" });
      assert.equal(calls, 0);
    },
  },
  {
    name: "while nothing can be written a change is refused and nothing changes, and it works again by itself",
    async run(subject) {
      await using store = await subject.open();
      const first = await putNew(store);
      subject.setWritable(false);
      await assert.rejects(store.put({ ...first, state: "removed" }, NOW), refused("STORE_UNAVAILABLE"));
      subject.setWritable(true);
      const second = await eventually("it works again", async () => {
        return await store.put({ ...first, state: "draining" }, NOW).catch(() => undefined);
      });
      assert.deepEqual((await store.list(NOW)).records, [second]);
    },
  },
  {
    name: "who gave up gets no answer",
    async run(subject) {
      await using store = await subject.open();
      const gaveUp = AbortSignal.abort();
      await assert.rejects(store.list(gaveUp));
      await assert.rejects(store.put(aRecord(), gaveUp));
      await assert.rejects(store.changesSince((await store.list(NOW)).cursor, gaveUp));
      assert.deepEqual((await store.list(NOW)).records, []);
    },
  },
];

/** What every MembershipStore promises, whatever keeps its records. */
export const membershipStoreCases: readonly MembershipStoreCase[] = [...cases, ...sharedMembershipCases];
