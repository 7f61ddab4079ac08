import assert from "node:assert/strict";
import { test } from "node:test";
import { listPage } from "@mosaic/core";
import { aHostStatus, FakeClock, type FakeMember } from "@mosaic/testkit";
import { HostState } from "@mosaic/wire";
import { fleetOf, nodeMember, nodeOf, siteMember, siteOf } from "./fleet-for-tests.ts";
import { assertMayCome, refusedFor } from "./question-path.ts";

/** Notes what a member is asked, and answers as it would. */
function noteQuestions(member: FakeMember): string[][] {
  const asked: string[][] = [];
  member.handlers = {
    list: async (request) => {
      asked.push([...request.via]);
      return listPage(member.log, request);
    },
  };
  return asked;
}

test("a question that we passed on before, or that three passed on, is refused with the way that it came", () => {
  assertMayCome([], "own");
  assertMayCome(["a", "b"], "own");
  assert.throws(() => assertMayCome(["own", "b"], "own"), /came back to who asked it: own > b > own/);
  assert.throws(() => assertMayCome(["a", "b", "c"], "own"), /over 3 aggregators, at most 3 answer it: a > b > c > own/);
});

test("a host is not asked for who is on the way to it, nor over more than three aggregators", () => {
  const host = aHostStatus({ via: ["near", "own"] });
  assert.equal(refusedFor([], host), undefined);
  assert.equal(refusedFor(["far"], host), undefined);
  assert.match(refusedFor(["near"], host) ?? "", /came by near, which is on the way to it/);
  assert.match(refusedFor(["further", "far"], host) ?? "", /4 aggregators are on the way/);
});

test("a live question tells further aggregators the way that it came, and nodes nothing", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const members = { alpha: nodeOf(clock, "alpha"), site: siteOf(clock, "site", ["beta"]) };
  const [ofNode, ofSite] = [noteQuestions(members.alpha), noteQuestions(members.site)];
  const { client } = await fleetOf(stack, members, [nodeMember("alpha"), siteMember("site")], clock);
  await clock.advance(100);
  await client.list({ live: true });
  await client.list({ live: true, via: ["far"] });
  assert.deepEqual(ofNode.slice(0, 2), [[], []]);
  assert.deepEqual(ofSite.slice(0, 2), [["own-id"], ["far", "own-id"]]);
});

test("who asks is not asked back: its hosts are named as not asked, the others are asked", async () => {
  await using stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const members = { alpha: nodeOf(clock, "alpha"), site: siteOf(clock, "site", ["beta"]) };
  const asked = noteQuestions(members.site);
  const { client } = await fleetOf(stack, members, [nodeMember("alpha"), siteMember("site")], clock);
  await clock.advance(100);
  const { hosts } = await client.list({ live: true, via: ["site"] });
  assert.deepEqual(
    hosts.map(({ host, state, code }) => [host, state, code]),
    [
      ["alpha", HostState.LIVE, ""],
      ["beta", HostState.INCOMPATIBLE, "FAILED_PRECONDITION"],
    ],
  );
  assert.deepEqual(asked, []);
  await assert.rejects(client.list({ live: true, via: ["own-id", "site"] }), /came back to who asked it/);
});
