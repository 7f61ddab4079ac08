import assert from "node:assert/strict";
import { eventually } from "../eventually.ts";
import { aRecord, byName, type MembershipStoreCase, NOW, putNew } from "./membership-case.ts";

/** What a membership store promises where several have it open at the same time. Elsewhere there is nothing to promise. */
export const sharedMembershipCases: readonly MembershipStoreCase[] = [
  {
    name: "what one changes another is told of, where a store is shared",
    async run(subject) {
      if (!subject.isShared) return;
      await using here = await subject.open();
      await using there = await subject.open();
      const { cursor } = await there.list(NOW);
      let calls = 0;
      using _listening = there.onChange(() => {
        calls += 1;
      });
      const stored = await putNew(here);
      await eventually("the other one hears", () => calls > 0);
      assert.deepEqual((await there.changesSince(cursor, NOW)).records, [stored]);
    },
  },
  {
    name: "of changes of several at the same time one is stored, where a store is shared",
    async run(subject) {
      if (!subject.isShared) return;
      await using here = await subject.open();
      await using there = await subject.open();
      const names = Array.from({ length: 20 }, (_, index) => `host-${index}`);
      const puts = await Promise.all(
        names.flatMap((name) => [here, there].map((store) => store.put(aRecord({ name, rev: 0 }), NOW))),
      );
      const stored = puts.filter((record) => record !== undefined);
      assert.deepEqual(byName(stored), byName((await there.list(NOW)).records));
      assert.equal(stored.length, names.length);
    },
  },
];
