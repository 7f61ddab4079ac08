import assert from "node:assert/strict";
import { test } from "node:test";
import { aHostStatus, anAgent, aSelector, ownDigest, settle } from "@mosaic/testkit";
import { ResetReason, type WatchResponse } from "@mosaic/wire";
import { FleetView } from "./fleet-view.ts";
import { agentKeyOf } from "./keys.ts";

import { nextCase, readUntil, serve, upsert } from "./serve-watch-for-tests.ts";

test("a change is sent at once to a reader that waits", async () => {
  const { log, frames } = serve();
  await readUntil(frames, "bookmark");
  const coming = nextCase(frames);
  await settle();
  log.publish([upsert("a0", "news")]);
  assert.equal(await coming, "upsert");
});

test("a row that changes often while nobody reads is sent once, as it is now", async () => {
  const { log, frames } = serve();
  await readUntil(frames, "bookmark");
  for (let round = 0; round < 50; round += 1) log.publish([upsert("a0", `round ${round}`), upsert("a1", `round ${round}`)]);
  log.publish([{ kind: "delete", key: agentKeyOf(anAgent({ name: "a1" })) }]);
  const sent = [await frames.next(), await frames.next()].map(({ value }) => value as WatchResponse);
  assert.deepEqual(
    sent.map((one) => one.frame.case),
    ["upsert", "delete"],
  );
  assert.equal(sent[0]?.frame.case === "upsert" && sent[0].frame.value.stateDetail, "round 49");
  assert.equal(log.rev, sent[1]?.rev);
});

test("a reader slower than the log gets RESET(SLOW_CONSUMER) and a snapshot in the same stream, and then goes on", async () => {
  const { log, frames } = serve({ capacity: 10 });
  const view = new FleetView();
  for (const one of await readUntil(frames, "bookmark")) view.apply(one, 0);
  for (let round = 0; round < 30; round += 1) log.publish([upsert(`b${round}`)]);
  const again = await readUntil(frames, "bookmark");
  assert.deepEqual(again[0]?.frame, { case: "reset", value: again[0]?.frame.value });
  assert.equal(again[0]?.frame.case === "reset" && again[0].frame.value.reason, ResetReason.SLOW_CONSUMER);
  for (const one of again) assert.equal(view.apply(one, 0).kind, "changed");
  assert.equal(view.state.digest, log.state.digest);
  const coming = nextCase(frames);
  log.publish([upsert("after")]);
  assert.equal(await coming, "upsert");
});

test("a snapshot is of one moment, however slowly it is read, and what came meanwhile follows it", async () => {
  const { log, frames } = serve({ rows: 20 });
  const view = new FleetView();
  for (let count = 0; count < 10; count += 1) view.apply((await frames.next()).value as WatchResponse, 0);
  log.publish([{ kind: "delete", key: agentKeyOf(anAgent({ name: "a0" })) }, upsert("a19", "late"), upsert("new")]);
  const rest = await readUntil(frames, "bookmark");
  for (const one of rest) assert.equal(view.apply(one, 0).kind, "changed", `at ${one.frame.case}`);
  const end = rest.find((one) => one.frame.case === "snapshotEnd");
  assert.equal(end?.frame.case === "snapshotEnd" && end.frame.value.rowCount, 20);
  assert.deepEqual([view.state.rowCount, view.state.digest], [20, ownDigest(log.state.rows())]);
});

test("a token is exclusive: a resumed watch sends what came after it and nothing else", async () => {
  const { log, frames, open } = serve();
  const snapshot = await readUntil(frames, "snapshotEnd");
  const end = snapshot.at(-1)?.frame;
  const resumeToken = (end?.case === "snapshotEnd" ? end.value.resumeToken : new Uint8Array()) as Uint8Array<ArrayBuffer>;
  assert.equal(await nextCase(open({ resumeToken })), "bookmark", "nothing happened: a bookmark at once");
  log.publish([upsert("later")]);
  assert.deepEqual(
    (await readUntil(open({ resumeToken }), "bookmark")).map((one) => one.frame.case),
    ["upsert", "bookmark"],
  );
});

test("a selector's counts and digest are of its own view", async () => {
  const { log, frames } = serve({ rows: 5, request: { selector: aSelector({ names: ["a1", "a3"] }) } });
  const view = new FleetView();
  for (const one of await readUntil(frames, "bookmark")) assert.equal(view.apply(one, 0).kind, "changed");
  log.publish([upsert("a0", "not asked for"), upsert("a1", "news")]);
  const { value } = await frames.next();
  assert.equal((value as WatchResponse).frame.case, "upsert");
  assert.equal(view.apply(value as WatchResponse, 0).kind, "changed");
  assert.equal(view.state.digest, ownDigest(log.state.rows().filter(({ row }) => ["a1", "a3"].includes(row.name))));
});

test("an abort ends the watch in every state, and nothing of it sleeps or waits on", async () => {
  for (const readFirst of [0, 1, 3, 5]) {
    const { clock, call, frames, log } = serve();
    for (let count = 0; count < readFirst; count += 1) await frames.next();
    const coming = readFirst === 5 ? frames.next() : undefined;
    await settle();
    call.abort();
    await coming;
    for (let rest = 0; rest < 10; rest += 1) await frames.next();
    assert.equal((await frames.next()).done, true, `after ${readFirst} frames`);
    assert.equal(clock.sleeperCount, 0);
    log.publish([upsert("nobody listens")]);
  }
});

test("a slow consumer gets at most one frame per row, however much it missed", async () => {
  const { log, frames, clock } = serve({ capacity: 5000 });
  const view = new FleetView();
  for (const one of await readUntil(frames, "bookmark")) view.apply(one, 0);
  for (let round = 0; round < 400; round += 1) log.publish([upsert("a0", `round ${round}`), upsert("a1", `round ${round}`)]);
  for (let index = 0; index < 400; index += 1)
    log.publish([upsert("gone"), { kind: "delete", key: agentKeyOf(anAgent({ name: "gone" })) }]);
  await clock.advance(6000);
  const rest = await readUntil(frames, "bookmark");
  for (const one of rest) assert.equal(view.apply(one, 0).kind, "changed");
  const upserts = rest.flatMap(({ frame }) =>
    frame.case === "upsert" ? [`${frame.value.name} ${frame.value.stateDetail}`] : [],
  );
  assert.deepEqual(upserts, ["a0 round 399", "a1 round 399"]);
  assert.ok(rest.length < 10, `${rest.length} frames for 1600 changes`);
  assert.deepEqual([view.state.rowCount, view.state.digest], [2, ownDigest(log.state.rows())]);
});

test("a row is never sent before its host, whatever became of both meanwhile", async () => {
  const { log, frames } = serve();
  const view = new FleetView();
  for (const one of await readUntil(frames, "bookmark")) view.apply(one, 0);
  const beta = aHostStatus({ host: "beta" });
  const betaRow = anAgent({ host: "beta" });
  const { tenantId, hostId, host } = beta;
  for (let round = 0; round < 3; round += 1) {
    log.publish([
      { kind: "host", status: beta },
      { kind: "upsert", row: betaRow },
    ]);
    if (round < 2) log.publish([{ kind: "host-removed", key: { $typeName: "mosaic.fleet.v1.HostKey", tenantId, hostId, host } }]);
  }
  while (view.state.digest !== log.state.digest || view.state.hostCount !== 2)
    view.apply((await frames.next()).value as WatchResponse, 0);
  assert.equal(view.state.rowCount, 3);
});

for (const [random, minutes] of [
  [() => 0, 54],
  [() => 0.999_999, 66],
] as const) {
  test(`a stream's age is 60 min ± 10 %, with Closing first that says where to go on: here ${minutes} min`, async () => {
    const { clock, frames, open, log } = serve({ random });
    await readUntil(frames, "bookmark");
    const closing = readUntil(frames, "closing");
    await clock.advance(minutes * 60_000 - 1000);
    const isOver = await Promise.race([closing.then(() => true), settle().then(() => false)]);
    assert.equal(isOver, false, "not before its time");
    await clock.advance(61_000);
    const last = (await closing).at(-1)?.frame;
    assert.equal((await frames.next()).done, true);
    assert.ok(last?.case === "closing" && /old/.test(last.value.reason));
    log.publish([upsert("a1", "meanwhile")]);
    const next = open({ resumeToken: last.value.resumeToken as Uint8Array<ArrayBuffer> });
    const first = (await next.next()).value as WatchResponse;
    assert.equal(first.frame.case === "upsert" && first.frame.value.stateDetail, "meanwhile");
  });
}

test("who waits and who is behind are told at once that the server stops, and where to go on", async () => {
  const stopping = new AbortController();
  const { frames, log, open } = serve({ stopping: stopping.signal });
  const behind = open();
  await readUntil(frames, "bookmark");
  await readUntil(behind, "snapshotEnd");
  const waiting = frames.next();
  await settle();
  log.publish([upsert("a0", "news")]);
  stopping.abort();
  assert.equal((await waiting).value?.frame.case, "upsert", "nothing that happened is kept from it");
  for (const each of [frames, behind]) {
    const last = (await readUntil(each, "closing")).at(-1)?.frame;
    assert.ok(last?.case === "closing" && /stopped on purpose/.test(last.value.reason) && last.value.retryAfterMs > 2000);
    assert.equal((await each.next()).done, true);
    const { value } = await serve()
      .open({ resumeToken: last.value.resumeToken as Uint8Array<ArrayBuffer> })
      .next();
    assert.ok(value, "a token that a server understands");
  }
});

test("a stream is closed in time also while something happens all the time", async () => {
  const { clock, frames, log } = serve({ rows: 1 });
  await readUntil(frames, "bookmark");
  await clock.advance(61 * 60_000);
  for (let round = 0; round < 600; round += 1) log.publish([upsert(`b${round}`)]);
  const frames2 = await readUntil(frames, "closing");
  const end = frames2.at(-1)?.frame;
  assert.ok(frames2.length < 300 && end?.case === "closing", "after one portion, at its place in the log");
});

test("a reader whose view did not add up gets RESET(CORRUPT), whatever its token, and is counted", async () => {
  const { open, counters, frames } = serve();
  const end = (await readUntil(frames, "bookmark")).at(-1)?.frame;
  assert.ok(end?.case === "bookmark");
  const again = open({ viewDiverged: true, resumeToken: end.value.resumeToken as Uint8Array<ArrayBuffer> });
  const [reset] = await readUntil(again, "snapshotEnd");
  assert.equal(reset?.frame.case === "reset" && reset.frame.value.reason, ResetReason.CORRUPT);
  assert.deepEqual(counters.all(), { watch_divergence_total: 1n });
});

test("publishing touches no subscriber: those that do not read cost nothing and delay nobody", async () => {
  const { log, open } = serve();
  const stuck = Array.from({ length: 1000 }, () => open());
  for (const frames of stuck) await frames.next();
  const reading = open();
  await readUntil(reading, "bookmark");
  const coming = nextCase(reading);
  await settle();
  // The one that waits is woken; the thousand in the middle of their snapshots are not even known.
  let wakes = 0;
  const { onNextChange } = log;
  log.onNextChange = (wake) => {
    wakes += 1;
    return onNextChange.call(log, wake);
  };
  log.publish([upsert("a0", "news")]);
  assert.equal(await coming, "upsert");
  assert.equal(wakes, 0);
  for (const frames of stuck) await frames.return(undefined);
});

test("of a host that is gone again its going is told, and not the status that it had", async () => {
  const { log, frames } = serve();
  await readUntil(frames, "bookmark");
  const beta = aHostStatus({ host: "beta" });
  const key = { $typeName: "mosaic.fleet.v1.HostKey" as const, tenantId: beta.tenantId, hostId: beta.hostId, host: "beta" };
  log.publish([
    { kind: "host", status: beta },
    { kind: "host-removed", key },
    { kind: "host", status: aHostStatus({ host: "gamma" }) },
  ]);
  assert.deepEqual([await nextCase(frames), await nextCase(frames)], ["hostRemoved", "host"]);
});
