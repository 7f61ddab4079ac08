import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { aHostStatus, anAgent, ownDigest } from "@mosaic/testkit";
import { type Agent, type WatchResponse, WatchResponseSchema } from "@mosaic/wire";
import { FleetView, type ViewStep } from "./fleet-view.ts";
import { agentKeyOf, hostKeyMessage } from "./keys.ts";

type Frame = NonNullable<MessageInitShape<typeof WatchResponseSchema>["frame"]>;
const frame = (value: Frame, rev = 0n): WatchResponse => create(WatchResponseSchema, { frame: value, rev });
const reset = frame({ case: "reset", value: { epoch: "e" } });
const host = (status = aHostStatus(), rev = 0n) => frame({ case: "host", value: status }, rev);
const upsert = (row: Agent, rev: bigint) => frame({ case: "upsert", value: row }, rev);
const names = (view: FleetView) => view.state.rows().map(({ row }) => row.name);
const changesOf = (step: ViewStep | undefined) =>
  step?.kind === "changed" ? step.changes.map((change) => change.kind) : [step?.kind];
const token = new Uint8Array([1]);

function tally(rows: readonly [Agent, bigint][], hostCount = 1) {
  return { resumeToken: token, rowCount: rows.length, hostCount, digest: ownDigest(rows.map(([row, rev]) => ({ row, rev }))) };
}

/** Feeds a whole snapshot of host alpha and returns the last step. */
function snapshot(view: FleetView, rows: readonly [Agent, bigint][], rev: bigint): ViewStep | undefined {
  const frames = [
    reset,
    host(),
    ...rows.map(([row, at]) => upsert(row, at)),
    frame({ case: "snapshotEnd", value: tally(rows) }, rev),
  ];
  return frames.map((one) => view.apply(one, 0)).at(-1);
}

const lead = anAgent();
const coder = anAgent({ name: "coder0" });

test("while a snapshot is staged the old view stays, and then everything changes at once", () => {
  const view = new FleetView();
  snapshot(
    view,
    [
      [lead, 2n],
      [coder, 3n],
    ],
    3n,
  );
  assert.deepEqual(names(view), ["coder0", "lead"]);
  for (const one of [reset, host(), upsert(anAgent({ name: "new" }), 5n)]) assert.deepEqual(changesOf(view.apply(one, 0)), []);
  assert.deepEqual(names(view), ["coder0", "lead"], "nothing shows before the end");
  const rows: [Agent, bigint][] = [[anAgent({ name: "new" }), 5n]];
  const step = view.apply(frame({ case: "snapshotEnd", value: tally(rows) }, 6n), 0);
  assert.deepEqual(changesOf(step), ["delete", "delete", "host", "upsert"]);
  assert.deepEqual(names(view), ["new"]);
});

test("a snapshot that says what is known already reports no row as changed", () => {
  const view = new FleetView();
  snapshot(view, [[lead, 2n]], 3n);
  assert.deepEqual(changesOf(snapshot(view, [[anAgent(), 9n]], 10n)), ["host"]);
  assert.equal(view.state.digest, ownDigest([{ row: lead, rev: 9n }]), "revisions of the new log count");
});

test("an empty snapshot empties the view", () => {
  const view = new FleetView();
  snapshot(view, [[lead, 2n]], 3n);
  view.apply(reset, 0);
  const step = view.apply(frame({ case: "snapshotEnd", value: { resumeToken: token, digest: 0n } }, 4n), 0);
  assert.deepEqual(changesOf(step), ["host-removed"]);
  assert.deepEqual([view.state.rowCount, view.state.hostCount, view.isComplete], [0, 0, true]);
});

test("changes that a resumed server repeats are ignored", () => {
  const view = new FleetView();
  snapshot(view, [[lead, 2n]], 3n);
  assert.deepEqual(changesOf(view.apply(upsert(coder, 4n), 0)), ["upsert"]);
  assert.deepEqual(changesOf(view.apply(upsert(anAgent({ name: "coder0", stateDetail: "old news" }), 4n), 0)), []);
  assert.deepEqual(changesOf(view.apply(frame({ case: "delete", value: agentKeyOf(lead) }, 3n), 0)), []);
  assert.deepEqual(names(view), ["coder0", "lead"]);
});

test("a bookmark that does not add up is a divergence, and the next watch starts without a token", () => {
  const rows: [Agent, bigint][] = [[lead, 2n]];
  const wrong = [{ rowCount: 2 }, { hostCount: 2 }, { digest: 1n }];
  for (const part of wrong) {
    const view = new FleetView();
    snapshot(view, rows, 3n);
    const step = view.apply(frame({ case: "bookmark", value: { ...tally(rows), ...part } }, 3n), 0);
    assert.equal(step.kind, "diverged", JSON.stringify(Object.keys(part)));
    assert.equal(view.resumeToken.length, 0);
    assert.deepEqual(names(view), ["lead"], "what is shown stays until something better comes");
  }
});

test("a lost change is noticed at the next bookmark, also when a delete and an upsert cancel out in number", () => {
  const view = new FleetView();
  snapshot(view, [[lead, 2n]], 3n);
  view.apply(upsert(coder, 5n), 0);
  const step = view.apply(
    frame(
      {
        case: "bookmark",
        value: tally([
          [lead, 4n],
          [coder, 5n],
        ]),
      },
      5n,
    ),
    0,
  );
  assert.ok(step.kind === "diverged" && /another digest/.test(step.detail));
});

test("a snapshot that does not add up, or ends without having begun, is a divergence", () => {
  const view = new FleetView();
  for (const one of [reset, host(), upsert(lead, 2n)]) view.apply(one, 0);
  assert.equal(view.apply(frame({ case: "snapshotEnd", value: tally([]) }, 3n), 0).kind, "diverged");
  assert.equal(view.isComplete, false);
  assert.equal(new FleetView().apply(frame({ case: "snapshotEnd", value: tally([]) }, 3n), 0).kind, "diverged");
});

test("a stream that broke in the middle of a snapshot leaves nothing behind for the next one", () => {
  const view = new FleetView();
  snapshot(view, [[lead, 2n]], 3n);
  for (const one of [reset, host(), upsert(coder, 7n)]) view.apply(one, 0);
  // The connection broke; the next stream resumes from the old token and has no reset.
  assert.deepEqual(view.startStream(), token);
  const stale = aHostStatus({ detail: "planes can't be read" });
  assert.deepEqual(changesOf(view.apply(host(stale, 4n), 0)), ["host"]);
  assert.deepEqual(changesOf(view.apply(upsert(coder, 5n), 0)), ["upsert"]);
  assert.equal(
    view.apply(
      frame(
        {
          case: "bookmark",
          value: tally([
            [lead, 2n],
            [coder, 5n],
          ]),
        },
        5n,
      ),
      0,
    ).kind,
    "changed",
  );
  assert.equal(view.state.host(stale)?.detail, stale.detail);
});

test("a host that left is forgotten with its freshness, also when a snapshot is what says so", () => {
  const view = new FleetView();
  snapshot(view, [[lead, 2n]], 3n);
  assert.equal(view.freshness(aHostStatus())?.receivedAtMs, 0);
  view.apply(reset, 0);
  view.apply(frame({ case: "snapshotEnd", value: { resumeToken: token } }, 4n), 0);
  assert.equal(view.freshness(aHostStatus()), undefined);
  snapshot(view, [[lead, 2n]], 5n);
  view.apply(frame({ case: "hostRemoved", value: hostKeyMessage(aHostStatus()) }, 6n), 0);
  assert.equal(view.freshness(aHostStatus()), undefined);
});

test("while a snapshot is staged the old rows keep their age", () => {
  const view = new FleetView();
  snapshot(view, [[lead, 2n]], 3n);
  for (const one of [reset, host()]) view.apply(one, 900);
  assert.deepEqual([view.isStaging, view.freshness(aHostStatus())?.receivedAtMs], [true, 0]);
  view.apply(upsert(lead, 2n), 900);
  view.apply(frame({ case: "snapshotEnd", value: tally([[lead, 2n]]) }, 4n), 950);
  assert.deepEqual([view.isStaging, view.freshness(aHostStatus())?.receivedAtMs], [false, 900]);
});

test("a bookmark renews the ages of the hosts it names", () => {
  const view = new FleetView();
  snapshot(view, [[lead, 2n]], 3n);
  const fresh = { key: hostKeyMessage(aHostStatus()), ageMs: 70n, asOfUnixMs: 9n };
  view.apply(frame({ case: "bookmark", value: { ...tally([[lead, 2n]]), hosts: [fresh] } }, 3n), 500);
  assert.deepEqual(view.freshness(aHostStatus()), { ageMs: 70, asOfUnixMs: 9n, receivedAtMs: 500 });
});

test("frames of a newer contract are skipped, and closing says why and for how long", () => {
  const view = new FleetView();
  assert.deepEqual(changesOf(view.apply(create(WatchResponseSchema, { rev: 3n }), 0)), []);
  const closing = frame({ case: "closing", value: { reason: "restart", retryAfterMs: 250 } });
  assert.deepEqual(view.apply(closing, 0), { kind: "closing", reason: "restart", retryAfterMs: 250 });
});
