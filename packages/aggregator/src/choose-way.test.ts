import assert from "node:assert/strict";
import { test } from "node:test";
import { aHostStatus, pick, seededRandom } from "@mosaic/testkit";
import { HostState } from "@mosaic/wire";
import { orderWays, type Way } from "./choose-way.ts";

const way = (name: string, state: HostState, ageMs = 0, hops = 1): Way<string> => ({
  upstream: name,
  name,
  status: aHostStatus({
    state,
    ageMs: BigInt(Math.round(ageMs)),
    via: Array.from({ length: hops }, (_, index) => `hop-${index}`),
  }),
});
const first = (ways: readonly Way<string>[], inUse?: string) => orderWays(ways, inUse)[0]?.upstream;

test("what can be vouched for goes before what can't, whichever is in use and however fresh the other is", () => {
  const { LIVE, DRAINING, STALE, OVERLOADED, WARMING, UNREACHABLE, NEVER_SEEN, AUTH_FAILED } = HostState;
  for (const better of [LIVE, DRAINING])
    for (const worse of [STALE, OVERLOADED, WARMING, UNREACHABLE, NEVER_SEEN, AUTH_FAILED])
      assert.equal(first([way("old", worse, 0), way("new", better, 60_000)], "old"), "new");
  assert.equal(first([way("a", UNREACHABLE), way("b", AUTH_FAILED)], "b"), "a");
  assert.equal(first([way("a", NEVER_SEEN), way("b", UNREACHABLE)], "a"), "b", "last known rows are better than none");
  assert.equal(first([way("a", UNREACHABLE), way("b", WARMING)], "b"), "a", "and than those of a way that just started");
});

test("among ways that live and are as long, the one in use stays until another is fresher by two bookmarks", () => {
  const { LIVE } = HostState;
  assert.equal(first([way("b", LIVE, 6000), way("a", LIVE, 0)], "b"), "b");
  assert.equal(first([way("b", LIVE, 6001), way("a", LIVE, 0)], "b"), "a");
  assert.equal(first([way("a", LIVE, 500), way("b", LIVE, 6501)], "b"), "a");
});

test("a shorter way that lives takes over from a longer one in use, unless that is fresher by two bookmarks", () => {
  const { LIVE, STALE } = HostState;
  assert.equal(first([way("far", LIVE, 0, 2), way("near", LIVE, 6000, 1)], "far"), "near");
  assert.equal(first([way("far", LIVE, 0, 2), way("near", LIVE, 6001, 1)], "far"), "far");
  assert.equal(first([way("far", LIVE, 6000, 2), way("near", STALE, 0, 1)], "near"), "far");
});

test("a way with rows goes before a shorter one of which only the name is remembered", () => {
  const { UNREACHABLE } = HostState;
  const nameOnly = way("near", UNREACHABLE, 0, 1);
  nameOnly.status.asOfUnixMs = 0n;
  const far = way("far", UNREACHABLE, 60_000, 3);
  assert.equal(first([nameOnly, far], "near"), "far");
  assert.equal(first([nameOnly, far]), "far");
});

test("with none in use the shorter way is taken, then by name; the order does not depend on who came first", () => {
  const ways = [way("c", HostState.LIVE, 0, 1), way("b", HostState.LIVE, 0, 1), way("a", HostState.LIVE, 0, 3)];
  assert.deepEqual(
    orderWays(ways, undefined).map((one) => one.upstream),
    ["b", "c", "a"],
  );
  assert.deepEqual(
    orderWays([...ways].reverse(), undefined).map((one) => one.upstream),
    ["b", "c", "a"],
  );
});

test("healthy ways of any ages never take turns: what is chosen stays chosen (1000 moments)", () => {
  const random = seededRandom(3);
  let inUse = first([way("direct", HostState.LIVE, 0, 1), way("far", HostState.LIVE, 0, 2)]);
  for (let moment = 0; moment < 1000; moment += 1) {
    // Each way's age goes up to one bookmark's interval, varied by a fifth, and one more over a further aggregator.
    const ways = [way("direct", HostState.LIVE, random() * 3600, 1), way("far", HostState.LIVE, random() * 5900, 2)];
    const chosen = first(ways, inUse);
    assert.equal(chosen, inUse);
    inUse = chosen;
  }
});

test("every way is in the order exactly once (100 mixtures)", () => {
  const random = seededRandom(5);
  const states = [HostState.LIVE, HostState.STALE, HostState.UNREACHABLE, HostState.WARMING, 99 as HostState];
  for (let round = 0; round < 100; round += 1) {
    const ways = ["a", "b", "c", "d"].map((name) =>
      way(name, pick(states, random), random() * 20_000, 1 + Math.floor(random() * 3)),
    );
    const ordered = orderWays(ways, pick(["a", "b", "c", "d", "none"], random)).map((one) => one.upstream);
    assert.deepEqual([...ordered].sort(), ["a", "b", "c", "d"]);
  }
});
