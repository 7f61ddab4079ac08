import assert from "node:assert/strict";
import { test } from "node:test";
import { pick, seededRandom, settle } from "@mosaic/testkit";
import { FairSlots } from "./fair-slots.ts";

const never = new AbortController().signal;
const wide = { total: 100, perGroup: 100, perKey: 100 };

/** Enters many, and tells who is in, in the order they came in. */
function crowd(slots: FairSlots) {
  const inside: string[] = [];
  const places = new Map<string, Disposable>();
  const come = (group: string, key: string, signal = never) =>
    slots.enter(group, key, signal).then((place) => {
      if (!place) return void inside.push(`${group}/${key} gave up`);
      inside.push(`${group}/${key}`);
      places.set(`${group}/${key}`, place);
    });
  const leave = async (name: string) => {
    places.get(name)?.[Symbol.dispose]();
    await settle();
  };
  return { inside, come, leave };
}

test("no more are in than may be, in all, of a group and of a key", async () => {
  const slots = new FairSlots({ total: 5, perGroup: 3, perKey: 2 });
  const { inside, come } = crowd(slots);
  for (let time = 0; time < 3; time += 1) void come("a", "x");
  for (const key of ["y", "z"]) void come("a", key);
  for (const key of ["p", "q", "r"]) void come("b", key);
  await settle();
  assert.deepEqual(inside, ["a/x", "a/x", "a/y", "b/p", "b/q"]);
  assert.deepEqual(slots.counts, { inUse: 5, waiting: 3 });
});

test("groups take turns: one with a thousand waiting delays another by what is in already", async () => {
  const { inside, come, leave } = crowd(new FairSlots({ ...wide, total: 2 }));
  for (let index = 0; index < 1000; index += 1) void come("busy", `h${index}`);
  void come("quiet", "one");
  void come("quiet", "two");
  await settle();
  for (const name of ["busy/h0", "busy/h1", "busy/h2", "quiet/one"]) await leave(name);
  assert.deepEqual(inside.slice(2), ["busy/h2", "quiet/one", "busy/h3", "quiet/two"]);
});

test("a place that is given back twice is given back once, and whoever gave up takes none", async () => {
  const slots = new FairSlots({ ...wide, total: 1 });
  const place = await slots.enter("a", "x", never);
  const call = new AbortController();
  const late = slots.enter("a", "y", call.signal);
  call.abort();
  assert.equal(await late, undefined);
  assert.equal(await slots.enter("a", "z", AbortSignal.abort()), undefined);
  place?.[Symbol.dispose]();
  place?.[Symbol.dispose]();
  assert.deepEqual(slots.counts, { inUse: 0, waiting: 0 });
});

for (let seed = 1; seed <= 20; seed += 1) {
  test(`the limits hold and nobody is forgotten, whatever happens (seed ${seed})`, async () => {
    const random = seededRandom(seed);
    const limits = { total: 6, perGroup: 3, perKey: 2 };
    const slots = new FairSlots(limits);
    const inside: { group: string; key: string; place: Disposable }[] = [];
    const calls: AbortController[] = [];
    let ended = 0;
    const asked: Promise<void>[] = [];
    for (let step = 0; step < 300; step += 1) {
      const kind = random();
      if (kind < 0.5) {
        const [group, key] = [pick(["a", "b", "c"], random), pick(["x", "y", "z"], random)];
        const call = new AbortController();
        calls.push(call);
        asked.push(
          slots.enter(group, key, call.signal).then((place) => {
            if (place) inside.push({ group, key, place });
            else ended += 1;
          }),
        );
      } else if (kind < 0.9) inside.splice(Math.floor(random() * inside.length), 1)[0]?.place[Symbol.dispose]();
      else pick(calls.length > 0 ? calls : [new AbortController()], random).abort();
      await settle();
      const of = (test: (one: { group: string; key: string }) => boolean) => inside.filter(test).length;
      assert.ok(inside.length <= limits.total);
      for (const group of ["a", "b", "c"]) assert.ok(of((one) => one.group === group) <= limits.perGroup);
      for (const key of ["x", "y", "z"]) assert.ok(of((one) => one.key === key) <= limits.perKey);
      assert.equal(slots.counts.inUse, inside.length);
    }
    while (inside.length > 0) {
      inside.pop()?.place[Symbol.dispose]();
      await settle();
    }
    await Promise.all(asked);
    assert.deepEqual(slots.counts, { inUse: 0, waiting: 0 });
    assert.ok(ended <= asked.length);
  });
}
